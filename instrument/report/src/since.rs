//! `--since`: a moment, or how long ago it was.

use jiff::{SignedDuration, Timestamp};

pub(crate) fn parse(text: &str) -> Result<Timestamp, String> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Ok(moment);
    }
    let ago = text.parse::<SignedDuration>().ok().filter(|ago| !ago.is_negative());
    ago.and_then(|ago| Timestamp::now().checked_sub(ago).ok())
        .ok_or_else(|| "neither a time such as 2026-11-21T10:00:00Z nor how long ago, such as 30m or 2h".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_or_how_long_ago() {
        let moment = parse("2026-11-21T10:00:00Z").expect("a moment");
        assert_eq!(moment.as_second(), 1_795_255_200);
        let before = Timestamp::now();
        let parsed = parse("2h").expect("a while ago");
        let ago = SignedDuration::from_hours(2);
        assert!(parsed.duration_since(before) >= -ago && Timestamp::now().duration_since(parsed) >= ago, "{parsed}");
        for bad in ["", "yesterday", "-5m", "2026-11-21", "5"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
