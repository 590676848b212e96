//! What is in `dashboards/`.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// A file, with its path below `dashboards/` for messages.
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) content: Value,
}

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../dashboards")
}

pub(crate) fn compose() -> Value {
    serde_saphyr::from_str(&fs::read_to_string(root().join("compose.yaml")).unwrap()).expect("compose.yaml")
}

/// The files of a folder, at least one. Folders are passed over.
fn read(folder: &str, parse: impl Fn(&str) -> Result<Value, String>) -> Vec<File> {
    let entries = fs::read_dir(root().join(folder)).unwrap_or_else(|error| panic!("dashboards/{folder}: {error}"));
    let files = entries.map(Result::unwrap).filter(|entry| entry.path().is_file());
    let mut names: Vec<_> = files.map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.sort();
    assert!(!names.is_empty(), "dashboards/{folder} is empty");
    let file = |name: String| {
        let path = format!("{folder}/{name}");
        let text = fs::read_to_string(root().join(&path)).unwrap();
        let content = parse(&text).unwrap_or_else(|error| panic!("dashboards/{path}: {error}"));
        File { path, content }
    };
    names.into_iter().map(file).collect()
}

pub(crate) fn yaml(folder: &str) -> Vec<File> {
    read(folder, |text| serde_saphyr::from_str(text).map_err(|error| error.to_string()))
}

pub(crate) fn dashboards() -> Vec<File> {
    read("grafana/dashboards", |text| serde_json::from_str(text).map_err(|error| error.to_string()))
}

/// The rules of all groups, each with where it is for messages.
pub(crate) fn rules() -> Vec<(String, Value)> {
    let of_group = |path: &str, group: &Value| {
        let place = |rule: &Value| {
            let name = rule["alert"].as_str().or(rule["record"].as_str()).expect("a name");
            (format!("{path}, {name}"), rule.clone())
        };
        items(&group["rules"]).iter().map(place).collect::<Vec<_>>()
    };
    let files = yaml("prometheus/rules");
    files
        .iter()
        .flat_map(|file| {
            items(&file.content["groups"]).iter().flat_map(|group| of_group(&file.path, group)).collect::<Vec<_>>()
        })
        .collect()
}

/// The panels of a dashboard that show something.
pub(crate) fn panels(dashboard: &Value) -> impl Iterator<Item = &Value> {
    items(&dashboard["panels"]).iter().filter(|panel| panel["type"] != "row")
}

pub(crate) fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Every text in a value, however deep.
pub(crate) fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(entries) => entries.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}
