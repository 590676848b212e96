//! The JSON form, with a version.
//!
//! Within a version, fields may come and readers skip those they do not know. A change that would mislead an old reader is a
//! new version, which old readers refuse by name instead of misreading it.

use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Repeat, Report, Severity, Suspect, SuspectRepeat};

/// The version written, and the only one read.
const VERSION: u64 = 1;

/// The `schema` field: written as [`VERSION`], and an error where it is another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Schema;

impl Serialize for Schema {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(VERSION)
    }
}

impl<'de> Deserialize<'de> for Schema {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u64::deserialize(deserializer)? {
            VERSION => Ok(Self),
            other => Err(D::Error::custom(ParseReportError::Version(other))),
        }
    }
}

/// Why a text is no report.
#[derive(Debug)]
#[non_exhaustive]
pub enum ParseReportError {
    /// It has a version that this library does not read.
    Version(u64),
    /// It is not JSON, or lacks something a report has.
    Malformed(serde_json::Error),
}

impl fmt::Display for ParseReportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version(version) => {
                write!(f, "the report has schema {version}; this version of checkedmap reads schema {VERSION}")
            }
            Self::Malformed(error) => write!(f, "not a report: {error}"),
        }
    }
}

impl std::error::Error for ParseReportError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Version(_) => None,
            Self::Malformed(error) => Some(error),
        }
    }
}

/// One line of a file of reports.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Record {
    /// A conflict.
    Report(Box<Report>),
    /// A count of conflicts folded into an earlier report.
    Repeat(Repeat),
    /// A suspect.
    Suspect(Box<Suspect>),
    /// A count of suspects folded into an earlier one.
    SuspectRepeat(SuspectRepeat),
}

/// As much of a record as tells what it is.
#[derive(Deserialize)]
struct Envelope {
    schema: u64,
    repeat_of: Option<u64>,
    repeat_of_suspect: Option<u64>,
    severity: Option<Severity>,
}

/// A count with its version.
#[derive(Serialize, Deserialize)]
struct Versioned<T> {
    schema: Schema,
    #[serde(flatten)]
    body: T,
}

impl Record {
    /// Reads a line.
    ///
    /// # Errors
    ///
    /// It is not a record, or one of another version.
    pub fn from_json(line: &str) -> Result<Self, ParseReportError> {
        // The version first, whatever the order of fields: a newer form may lack what this one has.
        let envelope: Envelope = serde_json::from_str(line).map_err(ParseReportError::Malformed)?;
        if envelope.schema != VERSION {
            return Err(ParseReportError::Version(envelope.schema));
        }
        let record = match envelope {
            Envelope { repeat_of: Some(_), .. } => {
                serde_json::from_str::<Versioned<Repeat>>(line).map(|record| Self::Repeat(record.body))
            }
            Envelope { repeat_of_suspect: Some(_), .. } => {
                serde_json::from_str::<Versioned<SuspectRepeat>>(line).map(|record| Self::SuspectRepeat(record.body))
            }
            Envelope { severity: Some(_), .. } => {
                serde_json::from_str(line).map(|suspect| Self::Suspect(Box::new(suspect)))
            }
            Envelope { .. } => serde_json::from_str(line).map(|report| Self::Report(Box::new(report))),
        };
        record.map_err(ParseReportError::Malformed)
    }
}

impl Report {
    /// The report as one line of JSON, without a line end.
    ///
    /// # Errors
    ///
    /// None that a report has been seen to cause; serde_json's, if it finds one.
    pub fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string(self)
    }

    /// Reads what [`to_json`](Self::to_json) has written, here or in a later release: unknown fields are skipped.
    ///
    /// # Errors
    ///
    /// It is not a report, or one of another version.
    pub fn from_json(text: &str) -> Result<Self, ParseReportError> {
        match Record::from_json(text)? {
            Record::Report(report) => Ok(*report),
            Record::Repeat(_) | Record::SuspectRepeat(_) => {
                Err(ParseReportError::Malformed(serde_json::Error::custom("a count of repeats, not a report")))
            }
            Record::Suspect(_) => {
                Err(ParseReportError::Malformed(serde_json::Error::custom("a suspect, not the report of a conflict")))
            }
        }
    }
}

impl Suspect {
    /// The suspect as one line of JSON, without a line end. [`Record::from_json`] reads it back.
    ///
    /// # Errors
    ///
    /// None that a suspect has been seen to cause; serde_json's, if it finds one.
    pub fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string(self)
    }
}

impl SuspectRepeat {
    /// The count as one line of JSON, without a line end.
    ///
    /// # Errors
    ///
    /// None that a count has been seen to cause; serde_json's, if it finds one.
    pub fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string(&Versioned { schema: Schema, body: self })
    }
}

impl Repeat {
    /// The count as one line of JSON, without a line end.
    ///
    /// # Errors
    ///
    /// None that a count has been seen to cause; serde_json's, if it finds one.
    pub fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string(&Versioned { schema: Schema, body: self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn a_report_reads_back_equal() {
        for report in sample::reports() {
            let text = report.to_json().expect("writes");
            assert_eq!(text.lines().count(), 1);
            assert!(text.starts_with(r#"{"schema":1,"#), "{text}");
            assert_eq!(Report::from_json(&text).expect("reads"), report);
            assert_eq!(serde_json::from_str::<Report>(&text).expect("reads"), report);
        }
    }

    #[test]
    fn a_suspect_reads_back_equal_and_is_no_report() {
        let text = sample::suspect().to_json().expect("writes");
        assert!(text.starts_with(r#"{"schema":1,"severity":"suspect","kind":"stale_check","number":3,"#), "{text}");
        assert_eq!(Record::from_json(&text).expect("reads"), Record::Suspect(Box::new(sample::suspect())));
        let error = Report::from_json(&text).expect_err("refused");
        assert_eq!(error.to_string(), "not a report: a suspect, not the report of a conflict");
        let text = sample::suspect_repeat().to_json().expect("writes");
        assert_eq!(Record::from_json(&text).expect("reads"), Record::SuspectRepeat(sample::suspect_repeat()));
        let before = text.replace(r#""severity":"suspect","#, "");
        assert_ne!(before, text, "the count says what it counts");
        let untold = SuspectRepeat { severity: None, ..sample::suspect_repeat() };
        assert_eq!(Record::from_json(&before).expect("reads"), Record::SuspectRepeat(untold));
    }

    #[test]
    fn a_suspect_has_the_seed_of_a_hunt_and_of_nothing_else() {
        let hunted = Suspect { hunt_seed: Some(u64::MAX), ..sample::suspect() };
        let text = hunted.to_json().expect("writes");
        assert_eq!(Record::from_json(&text).expect("reads"), Record::Suspect(Box::new(hunted)));
        assert!(
            !sample::suspect().to_json().expect("writes").contains("hunt_seed"),
            "as it was before there were seeds"
        );
    }

    #[test]
    fn fields_of_the_future_are_skipped() {
        let mut value = serde_json::to_value(sample::report()).expect("writes");
        value["weather"] = "fine".into();
        value["contender"]["mood"] = 3.into();
        assert_eq!(Report::from_json(&value.to_string()).expect("reads"), sample::report());
    }

    #[test]
    fn versions_of_the_future_are_named() {
        let mut value = serde_json::to_value(sample::report()).expect("writes");
        value["schema"] = 2.into();
        value.as_object_mut().expect("an object").remove("contender");
        let error = Report::from_json(&value.to_string()).expect_err("refused");
        assert_eq!(error.to_string(), "the report has schema 2; this version of checkedmap reads schema 1");
        let mut value = serde_json::to_value(sample::report()).expect("writes");
        value["schema"] = 2.into();
        let error = serde_json::from_value::<Report>(value).expect_err("refused");
        assert!(error.to_string().contains("schema 2"), "{error}");
    }

    #[test]
    fn what_is_no_report_is_an_error() {
        for text in ["", "{}", "[]", r#"{"schema":1}"#, r#"{"schema":"1"}"#] {
            let error = Report::from_json(text).expect_err(text);
            assert!(matches!(error, ParseReportError::Malformed(_)), "{text}: {error}");
        }
        let repeat = sample::repeat().to_json().expect("writes");
        assert!(Report::from_json(&repeat).is_err());
        assert_eq!(Record::from_json(&repeat).expect("reads"), Record::Repeat(sample::repeat()));
    }
}
