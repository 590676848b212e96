//! Building markup in which no text can pass for markup.
//!
//! Markup proper is `&'static str`, so it can only come from this crate's sources. Everything that is known at run time goes
//! through [`text`](Markup::text) or [`attribute`](Markup::attribute), which escape it.

use std::fmt::{self, Display, Write};

/// Characters of one text that are shown. Names are a program's own and may be of any length.
const LONGEST: usize = 2_000;

/// A piece of a page.
#[derive(Clone, Debug, Default)]
pub(super) struct Markup(String);

impl Markup {
    pub(super) fn new() -> Self {
        Self::default()
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// Adds markup.
    pub(super) fn raw(&mut self, markup: &'static str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// Adds a piece that was built before.
    pub(super) fn piece(&mut self, piece: &Self) -> &mut Self {
        self.0.push_str(&piece.0);
        self
    }

    /// Adds text.
    pub(super) fn text(&mut self, text: impl Display) -> &mut Self {
        let mut escaped = Escaped { to: &mut self.0, room: LONGEST, over: 0 };
        // A `Display` that fails has shown what it had.
        let _ = write!(escaped, "{text}");
        let over = escaped.over;
        if over > 0 {
            let _ = write!(self.0, "… ({over} more characters)");
        }
        self
    }

    /// Adds text of a direction of its own, so that a name written from right to left does not turn its surroundings around.
    pub(super) fn name(&mut self, name: impl Display) -> &mut Self {
        self.raw("<bdi>").text(name).raw("</bdi>")
    }

    /// Adds a name of the program's source, set as code.
    pub(super) fn code(&mut self, name: impl Display) -> &mut Self {
        self.raw("<code>").name(name).raw("</code>")
    }

    /// Adds a sentence in which what stands between backticks is code.
    pub(super) fn prose(&mut self, sentence: impl Display) -> &mut Self {
        let sentence = sentence.to_string();
        let parts: Vec<_> = sentence.split('`').collect();
        if parts.len().is_multiple_of(2) {
            // One of them is part of a name.
            return self.text(sentence);
        }
        for (index, part) in parts.iter().enumerate() {
            if index.is_multiple_of(2) {
                self.text(part)
            } else {
                self.code(part)
            };
        }
        self
    }

    /// Adds an attribute to the tag that is open.
    pub(super) fn attribute(&mut self, name: &'static str, value: impl Display) -> &mut Self {
        self.raw(" ").raw(name).raw("=\"").text(value).raw("\"")
    }

    /// Adds a template, each `{{slot}}` of which is filled by the function. What fills one slot is not searched for others.
    pub(super) fn template(&mut self, template: &'static str, mut fill: impl FnMut(&str, &mut Self)) -> &mut Self {
        let mut rest = template;
        while let Some((before, after)) = rest.split_once("{{") {
            let (slot, after) = after.split_once("}}").expect("every slot of our templates is closed");
            self.raw(before);
            fill(slot, self);
            rest = after;
        }
        self.raw(rest)
    }
}

struct Escaped<'a> {
    to: &'a mut String,
    /// Characters that may still be added.
    room: usize,
    /// Characters that there was no room for.
    over: usize,
}

impl Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            if self.room == 0 {
                self.over += 1;
                continue;
            }
            self.room -= 1;
            match character {
                '&' => self.to.push_str("&amp;"),
                '<' => self.to.push_str("&lt;"),
                '>' => self.to.push_str("&gt;"),
                '"' => self.to.push_str("&quot;"),
                '\'' => self.to.push_str("&#39;"),
                '\n' | '\t' => self.to.push(character),
                invisible if invisible.is_control() || turns_text(invisible) => {
                    write!(self.to, "\\u{{{:x}}}", u32::from(invisible))?;
                }
                visible => self.to.push(visible),
            }
        }
        Ok(())
    }
}

/// Whether a character changes the order in which others are shown, which can make source code read as something else.
fn turns_text(character: char) -> bool {
    matches!(character, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> String {
        Markup::new().text(text).as_str().to_owned()
    }

    #[test]
    fn text_is_no_markup() {
        assert_eq!(text("</script><b a='1'>\"&amp;"), "&lt;/script&gt;&lt;b a=&#39;1&#39;&gt;&quot;&amp;amp;");
        assert_eq!(text("مرحبا 🦀 👩‍🚀"), "مرحبا 🦀 👩‍🚀");
    }

    #[test]
    fn what_cannot_be_seen_is_spelled_out() {
        assert_eq!(text("a\u{202e}b\u{2066}c\0d\u{7f}\r"), r"a\u{202e}b\u{2066}c\u{0}d\u{7f}\u{d}");
        assert_eq!(text("a\n\tb"), "a\n\tb");
    }

    #[test]
    fn long_text_is_cut_and_says_by_how_much() {
        let shown = text(&"é".repeat(LONGEST + 123));
        assert!(shown.ends_with("é… (123 more characters)"), "{shown}");
        assert_eq!(shown.matches('é').count(), LONGEST);
        assert_eq!(text(&"é".repeat(LONGEST)).matches("more characters").count(), 0);
    }

    #[test]
    fn an_attribute_cannot_be_left() {
        assert_eq!(Markup::new().attribute("title", "\" onclick=\"x").as_str(), " title=\"&quot; onclick=&quot;x\"");
    }

    #[test]
    fn backticks_set_code_where_they_come_in_pairs() {
        assert_eq!(
            Markup::new().prose("the `get` of `<a>`").as_str(),
            "the <code><bdi>get</bdi></code> of <code><bdi>&lt;a&gt;</bdi></code>"
        );
        assert_eq!(Markup::new().prose("on `a`b`").as_str(), "on `a`b`");
    }

    #[test]
    fn what_fills_a_slot_is_not_filled_again() {
        let mut page = Markup::new();
        page.template("<p>{{one}}</p><p>{{two}}</p>", |slot, page| {
            page.text(if slot == "one" { "{{two}}" } else { "2" });
        });
        assert_eq!(page.as_str(), "<p>{{two}}</p><p>2</p>");
    }
}
