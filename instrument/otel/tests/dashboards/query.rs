//! A query, held against what is exported: which metrics it asks for, and which labels its answer has.

use std::collections::{BTreeMap, BTreeSet};

use promql_parser::label::{MatchOp, Matchers};
use promql_parser::parser::{AggregateExpr, BinaryExpr, Call, Expr, LabelModifier, VectorSelector, parse};

use crate::exported::Exported;

/// What a query may ask for.
pub(crate) struct World<'a> {
    pub(crate) exported: &'a Exported,
    /// Labels of the recorded metrics.
    pub(crate) recorded: BTreeMap<String, BTreeSet<String>>,
}

/// What a query asks for, and answers with.
#[derive(Default)]
pub(crate) struct Query {
    pub(crate) metrics: BTreeSet<String>,
    pub(crate) labels: BTreeSet<String>,
}

/// Grafana's variables by something of their kind. A matcher with one of them is not held against the exported values.
const VARIABLES: [(&str, &str); 4] = [("$__rate_interval", "1m"), ("$__range", "1h"), ("$service", "$"), ("$map", "$")];

impl World<'_> {
    /// # Errors
    ///
    /// What the query asks for and nobody exports.
    pub(crate) fn check(&self, text: &str) -> Result<Query, String> {
        let plain = VARIABLES.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value));
        let expression = parse(&plain).map_err(|error| format!("{plain}: {error}"))?;
        let mut query = Query::default();
        query.labels = self.labels(&expression, &mut query.metrics).map_err(|error| format!("{error}, in {text}"))?;
        Ok(query)
    }

    /// The labels of an expression's series; adds the metrics it asks for.
    fn labels(&self, expression: &Expr, metrics: &mut BTreeSet<String>) -> Result<BTreeSet<String>, String> {
        match expression {
            Expr::VectorSelector(selector) => self.selected(selector, metrics),
            Expr::MatrixSelector(range) => self.selected(&range.vs, metrics),
            Expr::Subquery(subquery) => self.labels(&subquery.expr, metrics),
            Expr::Paren(inner) => self.labels(&inner.expr, metrics),
            Expr::Unary(inner) => self.labels(&inner.expr, metrics),
            Expr::Aggregate(aggregate) => self.aggregated(aggregate, metrics),
            Expr::Binary(binary) => self.combined(binary, metrics),
            Expr::Call(call) => self.called(call, metrics),
            Expr::NumberLiteral(_) | Expr::StringLiteral(_) => Ok(BTreeSet::new()),
            Expr::Extension(_) => Err("an expression that Prometheus does not have".to_owned()),
        }
    }

    fn selected(&self, selector: &VectorSelector, metrics: &mut BTreeSet<String>) -> Result<BTreeSet<String>, String> {
        let name = selector.name.as_deref().ok_or("a selector without a metric's name")?;
        metrics.insert(name.to_owned());
        if let Some(labels) = self.recorded.get(name) {
            let strange = selector.matchers.matchers.iter().find(|matcher| !labels.contains(&matcher.name));
            return strange.map_or(Ok(labels.clone()), |matcher| Err(format!("{name} has no label {}", matcher.name)));
        }
        let labels = self.exported.metrics.get(name).ok_or_else(|| format!("nobody exports {name}"))?;
        for (label, value) in required(&selector.matchers) {
            let values = labels.get(&label).ok_or_else(|| format!("{name} has no label {label}"))?;
            if !value.contains('$') && !values.contains(&value) {
                return Err(format!("{label} of {name} is never {value:?} but {values:?}"));
            }
        }
        Ok(labels.keys().cloned().collect())
    }

    fn aggregated(
        &self,
        aggregate: &AggregateExpr,
        metrics: &mut BTreeSet<String>,
    ) -> Result<BTreeSet<String>, String> {
        let inner = self.labels(&aggregate.expr, metrics)?;
        let selects = ["topk", "bottomk", "limitk", "limit_ratio"].contains(&aggregate.op.to_string().as_str());
        match &aggregate.modifier {
            _ if selects => Ok(inner),
            None => Ok(BTreeSet::new()),
            Some(modifier) => {
                let named: BTreeSet<_> = modifier.labels().labels.iter().cloned().collect();
                if let Some(strange) = named.difference(&inner).next() {
                    return Err(format!("grouped by {strange}, which is not among {inner:?}"));
                }
                match modifier {
                    LabelModifier::Include(_) => Ok(named),
                    LabelModifier::Exclude(_) => Ok(&inner - &named),
                }
            }
        }
    }

    fn combined(&self, binary: &BinaryExpr, metrics: &mut BTreeSet<String>) -> Result<BTreeSet<String>, String> {
        let (left, right) = (self.labels(&binary.lhs, metrics)?, self.labels(&binary.rhs, metrics)?);
        let scalar = |side: &Expr| matches!(side, Expr::NumberLiteral(_));
        if scalar(&binary.lhs) {
            return Ok(right);
        }
        if scalar(&binary.rhs) {
            return Ok(left);
        }
        if binary.op.to_string() != "or" && left != right {
            return Err(format!("sides that never match: {left:?} and {right:?}"));
        }
        Ok(&left & &right)
    }

    fn called(&self, call: &Call, metrics: &mut BTreeSet<String>) -> Result<BTreeSet<String>, String> {
        let mut labels = BTreeSet::new();
        for argument in &call.args.args {
            labels.extend(self.labels(argument, metrics)?);
        }
        match (call.func.name, call.args.args.get(1).map(|argument| &**argument)) {
            ("label_replace", Some(Expr::StringLiteral(made))) => drop(labels.insert(made.val.clone())),
            ("histogram_quantile", _) if !labels.remove("le") => return Err("quantiles of no buckets".to_owned()),
            _ => {}
        }
        Ok(labels)
    }
}

/// The labels that matchers ask for, once for each alternative of `=~"a|b"`.
fn required(matchers: &Matchers) -> Vec<(String, String)> {
    let alternatives = matchers.or_matchers.iter().flatten();
    let values = |matcher: &promql_parser::label::Matcher| match matcher.op {
        MatchOp::Equal | MatchOp::NotEqual => vec![(matcher.name.clone(), matcher.value.clone())],
        MatchOp::Re(_) | MatchOp::NotRe(_) => {
            matcher.value.split('|').map(|value| (matcher.name.clone(), value.to_owned())).collect()
        }
    };
    matchers.matchers.iter().chain(alternatives).flat_map(values).collect()
}
