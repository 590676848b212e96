//! `dashboards/` against what a program really exports: every query, every label it counts on, every link.

#[path = "../common/mod.rs"]
mod common;
mod exported;
mod files;
mod query;

use std::collections::{BTreeMap, BTreeSet};

use checkedmap_otel::names::{attribute, span};
use serde_json::Value;

use exported::{Exported, family};
use files::{compose, dashboards, items, panels, root, rules, text, texts, yaml};
use query::{Query, World};

/// The exported metrics, and those that the rules record.
fn world() -> World<'static> {
    let mut world = World { exported: Exported::get(), recorded: BTreeMap::new() };
    for (place, rule) in rules() {
        if let Some(name) = rule["record"].as_str() {
            let query = world.check(text(&rule["expr"])).unwrap_or_else(|error| panic!("{place}: {error}"));
            world.recorded.insert(name.to_owned(), query.labels);
        }
    }
    world
}

/// What is between an opening and a closing mark, each time.
fn between<'a>(text: &'a str, open: &'a str, close: char) -> impl Iterator<Item = &'a str> {
    text.split(open).skip(1).map(move |rest| rest.split(close).next().unwrap_or_default().trim())
}

/// The names after a mark, each time: `$labels.map` has `map` after `$labels.`.
fn after<'a>(text: &'a str, mark: &'a str) -> impl Iterator<Item = &'a str> {
    let end = |rest: &str| rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
    text.split(mark).skip(1).map(move |rest| &rest[..end(rest)])
}

/// The queries of a panel to Prometheus, each with what it asks for and answers with.
fn queries(world: &World<'_>, panel: &Value) -> Vec<Query> {
    let expressions = items(&panel["targets"]).iter().filter_map(|target| target["expr"].as_str());
    let check = |expression| world.check(expression).unwrap_or_else(|error| panic!("{}: {error}", panel["title"]));
    expressions.map(check).collect()
}

#[test]
fn every_query_asks_for_what_is_exported() {
    let world = world();
    let mut asked = 0;
    for file in dashboards() {
        for panel in panels(&file.content) {
            asked += queries(&world, panel).len();
        }
        for variable in items(&file.content["templating"]["list"]) {
            let Some(query) = variable["query"]["query"].as_str() else { continue };
            let inside = query.strip_prefix("label_values(").and_then(|query| query.strip_suffix(')'));
            let (selector, label) =
                inside.and_then(|inside| inside.rsplit_once(", ")).expect("label_values(SELECTOR, LABEL)");
            let query = world.check(selector).unwrap_or_else(|error| panic!("{}: {error}", file.path));
            assert!(query.labels.contains(label), "{}: {selector} has no label {label}", file.path);
            asked += 1;
        }
    }
    for (place, rule) in rules() {
        world.check(text(&rule["expr"])).unwrap_or_else(|error| panic!("{place}: {error}"));
        asked += 1;
    }
    for source in yaml("grafana/provisioning/datasources").iter().flat_map(|file| items(&file.content["datasources"])) {
        for query in items(&source["jsonData"]["tracesToMetrics"]["queries"]) {
            let tags = items(&source["jsonData"]["tracesToMetrics"]["tags"]).iter();
            let tags: Vec<_> = tags.map(|tag| format!("{}=\"$\"", text(&tag["value"]))).collect();
            // The second `$` keeps Grafana from taking the first for a variable of the environment.
            let plain = text(&query["query"]).replace("$$__tags", &tags.join(","));
            world.check(&plain).unwrap_or_else(|error| panic!("{}: {error}", source["name"]));
            asked += 1;
        }
    }
    assert!(asked > 40, "{asked} queries: are the files read?");
}

#[test]
fn a_query_for_something_else_is_found() {
    let world = world();
    for (query, complaint) in [
        ("checkedmap_conflict_total", "nobody exports checkedmap_conflict_total"),
        ("checkedmap_conflicts", "nobody exports checkedmap_conflicts,"),
        ("checkedmap_wait_duration_seconds", "nobody exports checkedmap_wait_duration_seconds,"),
        (r#"checkedmap_conflicts_total{tenant="acme"}"#, "has no label tenant"),
        (r#"checkedmap_circuit_state{state="open"}"#, r#"state of checkedmap_circuit_state is never "open""#),
        (r#"checkedmap_circuit_state{state=~"degraded|broken"}"#, r#"is never "broken""#),
        (r#"checkedmap_conflicts_total{map!="nobody"}"#, r#"is never "nobody""#),
        ("sum by (map) (rate(checkedmap_accesses_total[5m]))", "grouped by map"),
        ("sum by (map, thread) (checkedmap_waits_total)", "grouped by thread"),
        ("sum by (map) (sum by (kind) (checkedmap_waits_total))", "grouped by map"),
        ("sum without (thread) (checkedmap_waits_total)", "grouped by thread"),
        ("histogram_quantile(0.9, sum by (map) (checkedmap_wait_duration_seconds_bucket))", "quantiles of no buckets"),
        ("checkedmap_waits_total / checkedmap_conflicts_total", "sides that never match"),
        (r#"job_map:checkedmap_conflicts:rate1m{kind="x"}"#, "has no label kind"),
        ("job_map:checkedmap_conflicts:rate2m", "nobody exports"),
        ("sum(checkedmap_waits_total", "unclosed"),
    ] {
        let error = world.check(query).err().unwrap_or_else(|| panic!("{query} is let through"));
        assert!(error.contains(complaint), "{query}: {error}");
    }
}

#[test]
fn labels_that_are_shown_are_labels_of_the_answer() {
    let world = world();
    for file in dashboards() {
        for panel in panels(&file.content) {
            let place = format!("{}, {}", file.path, panel["title"]);
            let targets = items(&panel["targets"]).iter().filter(|target| target["expr"].is_string());
            for (target, query) in targets.zip(queries(&world, panel)) {
                let legends: Vec<_> = between(text(&target["legendFormat"]), "{{", '}').collect();
                let links = texts(&panel["fieldConfig"]["defaults"]["links"]).join(" ");
                let linked: Vec<_> = after(&links, "${__field.labels.").collect();
                let renamed: Vec<_> = items(&panel["transformations"])
                    .iter()
                    .flat_map(|change| change["options"]["renameByName"].as_object().expect("names").keys())
                    .map(String::as_str)
                    .filter(|name| *name != "Value")
                    .collect();
                for label in legends.into_iter().chain(linked).chain(renamed) {
                    assert!(query.labels.contains(label), "{place}: no label {label} in {:?}", query.labels);
                }
            }
        }
    }
    for (place, rule) in rules() {
        let query = world.check(text(&rule["expr"])).unwrap();
        let annotations = texts(&rule["annotations"]).join(" ");
        for label in after(&annotations, "$labels.") {
            assert!(query.labels.contains(label), "{place}: no label {label} in {:?}", query.labels);
        }
    }
}

#[test]
fn every_metric_is_on_a_dashboard() {
    let world = world();
    let asked: BTreeSet<_> = dashboards()
        .iter()
        .flat_map(|file| panels(&file.content).flat_map(|panel| queries(&world, panel)).collect::<Vec<_>>())
        .flat_map(|query| query.metrics)
        .collect();
    let asked: BTreeSet<_> = asked.iter().map(|name| family(name)).collect();
    let unseen: Vec<_> = world.exported.families().difference(&asked).copied().collect();
    assert!(unseen.is_empty(), "exported, and on no dashboard: {unseen:?}");
}

#[test]
fn every_recorded_metric_is_alerted_on() {
    let world = world();
    let asked: BTreeSet<_> = rules()
        .iter()
        .filter(|(_, rule)| rule["alert"].is_string())
        .flat_map(|(_, rule)| world.check(text(&rule["expr"])).unwrap().metrics)
        .collect();
    for name in world.recorded.keys() {
        assert!(asked.contains(name), "{name} is recorded for nobody");
    }
}

#[test]
fn searches_for_traces_find_what_is_exported() {
    let spans = &Exported::get().spans;
    let mut searches = 0;
    for file in dashboards() {
        for target in
            panels(&file.content).flat_map(|panel| items(&panel["targets"])).filter(|t| t["queryType"] == "search")
        {
            searches += 1;
            assert_eq!(target["service"], "$service", "{}: one variable, one value", file.path);
            let operation = text(&target["operation"]);
            let named: Vec<_> = spans.iter().filter(|span| span.name == operation).collect();
            assert!(!named.is_empty(), "{}: no span is called {operation}", file.path);
            assert!([span::CONFLICT, span::SUSPECT].contains(&operation), "{}: {operation}", file.path);
            if let Some((tag, value)) = target["tags"].as_str().and_then(|tags| tags.split_once('=')) {
                let has = named.iter().all(|span| span.attributes.iter().any(|fact| fact.key.as_str() == tag));
                assert!(has, "{}: {operation} has no attribute {tag}", file.path);
                assert_eq!((tag, value), (attribute::MAP, "\"$map\""));
            }
        }
    }
    assert_eq!(searches, 4, "conflicts and suspects on each dashboard");
    let root = spans.iter().find(|own| own.name == span::CONFLICT).expect("a conflict");
    for source in yaml("grafana/provisioning/datasources").iter().flat_map(|file| items(&file.content["datasources"])) {
        for tag in items(&source["jsonData"]["tracesToMetrics"]["tags"]) {
            let has = root.attributes.iter().any(|fact| fact.key.as_str() == text(&tag["key"]));
            assert!(has, "{}: no attribute {}", source["name"], tag["key"]);
        }
    }
}

#[test]
fn attributes_that_texts_name_are_exported() {
    let spans = &Exported::get().spans;
    let known: BTreeSet<_> = spans.iter().flat_map(|span| &span.attributes).map(|fact| fact.key.as_str()).collect();
    for file in dashboards() {
        for panel in panels(&file.content) {
            let quoted = text(&panel["description"]).split('`').skip(1).step_by(2).filter(|name| name.contains('.'));
            for name in quoted {
                assert!(known.contains(name), "{}, {}: no span has {name}", file.path, panel["title"]);
            }
        }
    }
}

#[test]
fn links_lead_to_dashboards_and_variables_that_exist() {
    let files = dashboards();
    let variables = |file: &Value| -> BTreeSet<String> {
        items(&file["templating"]["list"]).iter().map(|variable| text(&variable["name"]).to_owned()).collect()
    };
    let known: BTreeMap<_, _> =
        files.iter().map(|file| (text(&file.content["uid"]).to_owned(), variables(&file.content))).collect();
    let follow = |place: &str, url: &str| {
        let (uid, query) =
            url.strip_prefix("/d/").and_then(|url| url.split_once('?')).expect("a page and its variables");
        let there = known.get(uid).unwrap_or_else(|| panic!("{place}: no dashboard {uid}"));
        let kept = query.split("${").skip(1).filter_map(|rest| rest.split_once(":queryparam}").map(|(name, _)| name));
        for variable in after(query, "var-").chain(kept) {
            assert!(there.contains(variable), "{place}: {uid} has no variable {variable}");
        }
    };
    let mut links = 0;
    for file in &files {
        let own = variables(&file.content);
        for text in texts(&file.content) {
            if text.starts_with("/d/") {
                links += 1;
                follow(&file.path, text);
            }
            let named =
                after(text, "${").chain(after(text, "$")).filter(|name| !name.is_empty() && !name.starts_with("__"));
            for variable in named {
                assert!(own.contains(variable), "{}: no variable {variable}, in {text}", file.path);
            }
        }
    }
    assert!(links > 5, "{links} links: are the files read?");
    for (place, rule) in rules() {
        if rule["alert"].is_string() {
            follow(&place, text(&rule["annotations"]["dashboard"]));
        }
    }
}

#[test]
fn alerts_say_who_is_woken_and_what_to_do() {
    let tests = yaml("prometheus/tests");
    let cases: Vec<_> = tests
        .iter()
        .flat_map(|file| items(&file.content["tests"]))
        .flat_map(|test| items(&test["alert_rule_test"]))
        .collect();
    for (place, rule) in rules() {
        let Some(name) = rule["alert"].as_str() else { continue };
        assert!(["page", "ticket", "info"].contains(&text(&rule["labels"]["severity"])), "{place}");
        assert_eq!(rule["labels"]["component"], "checkedmap", "{place}");
        for annotation in ["summary", "description", "dashboard"] {
            assert!(!text(&rule["annotations"][annotation]).is_empty(), "{place}: no {annotation}");
        }
        let of_it = || cases.iter().filter(|case| case["alertname"] == name);
        let fires = |case: &&&Value| !items(&case["exp_alerts"]).is_empty();
        assert!(of_it().any(|case| fires(&case)), "{place}: no test in which it fires");
        assert!(of_it().any(|case| !fires(&case)), "{place}: no test in which it does not");
    }
}

#[test]
fn grafana_alerts_are_those_of_prometheus() {
    let sources: BTreeSet<_> = yaml("grafana/provisioning/datasources")
        .iter()
        .flat_map(|file| items(&file.content["datasources"]).to_vec())
        .map(|source| text(&source["uid"]).to_owned())
        .collect();
    let own: BTreeMap<_, _> = yaml("grafana/provisioning/alerting")
        .iter()
        .flat_map(|file| items(&file.content["groups"]).to_vec())
        .flat_map(|group| items(&group["rules"]).to_vec())
        .map(|rule| (text(&rule["title"]).to_owned(), rule))
        .collect();
    let alerts: Vec<_> = rules().into_iter().filter(|(_, rule)| rule["alert"].is_string()).collect();
    assert_eq!(own.len(), alerts.len());
    for (place, alert) in alerts {
        let rule = own.get(text(&alert["alert"])).unwrap_or_else(|| panic!("{place}: not in Grafana"));
        let [query, condition] = items(&rule["data"]) else { panic!("{place}: a query and a condition") };
        assert_eq!(query["model"]["expr"], alert["expr"], "{place}");
        assert!(sources.contains(text(&query["datasourceUid"])), "{place}: no such data source");
        assert_eq!(query["model"]["datasource"]["uid"], query["datasourceUid"], "{place}");
        assert_eq!(condition["model"]["expression"], query["refId"], "{place}");
        assert_eq!(rule["condition"], condition["refId"], "{place}");
        assert_eq!(text(&rule["for"]), alert["for"].as_str().unwrap_or("0s"), "{place}");
        assert_eq!(rule["keepFiringFor"], alert["keep_firing_for"], "{place}");
        assert_eq!(rule["labels"], alert["labels"], "{place}");
        assert_eq!(rule["annotations"]["summary"], alert["annotations"]["summary"], "{place}");
    }
}

#[test]
fn the_collector_forgets_the_dead_before_an_alert_is_due() {
    let minutes = |value: &Value| -> u32 { text(value).strip_suffix('m').expect("minutes").parse().unwrap() };
    let alerts = rules();
    let degraded = alerts.iter().find(|(_, rule)| rule["alert"] == "CheckedMapDegraded").expect("the alert");
    for file in yaml("collector") {
        let shown = minutes(&file.content["exporters"]["prometheus"]["metric_expiration"]);
        assert!(shown < minutes(&degraded.1["for"]), "{}", file.path);
    }
}

#[test]
fn the_parts_of_compose_know_each_other() {
    let compose = compose();
    let services = compose["services"].as_object().expect("services");
    let mut addresses = 0;
    let mut reach = |place: &str, address: &str| {
        addresses += 1;
        let host = address.rsplit("//").next().and_then(|rest| rest.split(':').next()).unwrap_or_default();
        assert!(services.contains_key(host), "{place}: no service {host}, in {address}");
    };
    for source in yaml("grafana/provisioning/datasources").iter().flat_map(|file| items(&file.content["datasources"])) {
        reach("data sources", text(&source["url"]));
    }
    for file in yaml("prometheus") {
        for place in ["/scrape_configs", "/alerting/alertmanagers"] {
            let targets = items(file.content.pointer(place).expect("targets"));
            let targets =
                targets.iter().flat_map(|part| items(&part["static_configs"])).flat_map(|part| items(&part["targets"]));
            targets.for_each(|target| reach(&file.path, text(target)));
        }
    }
    for file in yaml("collector") {
        // `${env:NAME:-jaeger:4317}`
        let endpoint = text(&file.content["exporters"]["otlp/jaeger"]["endpoint"]);
        reach(&file.path, endpoint.split(":-").nth(1).expect("a default").trim_end_matches('}'));
    }
    reach("staging", text(&services["staging"]["environment"]["OTEL_EXPORTER_OTLP_ENDPOINT"]));
    assert_eq!(addresses, 6);

    for (name, service) in services {
        let mounts: Vec<_> =
            items(&service["volumes"]).iter().filter_map(|mount| text(mount).strip_prefix("./")).collect();
        let mounted: Vec<_> = mounts.iter().filter_map(|mount| mount.split_once(':')).collect();
        for (own, _) in &mounted {
            assert!(root().join(own).is_dir(), "{name}: no folder {own}");
            // Alertmanager is among the services.
            let alerting = root().join("grafana/provisioning/alerting");
            assert!(!alerting.starts_with(root().join(own)), "{name}: {own} has Grafana's alerts in it, too");
        }
        // What the command and the environment name in a mounted folder has to be there.
        let named = texts(&service["command"]).into_iter().chain(texts(&service["environment"]));
        for path in
            named.map(|word| word.rsplit('=').next().unwrap_or_default()).filter(|word| word.starts_with("/etc/"))
        {
            let place = mounted.iter().find_map(|(own, inside)| {
                Some(root().join(own).join(path.strip_prefix(inside.trim_end_matches(":ro"))?.trim_start_matches('/')))
            });
            assert!(place.is_some_and(|place| place.is_file()), "{name}: no file {path}");
        }
        if let Some(dockerfile) = service["build"]["dockerfile"].as_str() {
            assert!(root().join("..").join(dockerfile).is_file(), "{name}: no {dockerfile}");
        }
        let waits = service["depends_on"].as_object().into_iter().flatten();
        for (other, wait) in waits.filter(|(_, wait)| wait["condition"] == "service_healthy") {
            assert!(services[other]["healthcheck"].is_object(), "{name} waits for {other}, {wait}");
        }
    }
}
