use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

/// The text with everything spelled that is not seen: a name may hold what clears a terminal, or
/// turns its writing around.
pub(crate) fn harmless(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        let unseen = match character.general_category_group() {
            GeneralCategoryGroup::Other => true,
            GeneralCategoryGroup::Separator => character != ' ',
            _ => false,
        };
        if unseen {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_seen_is_spelled_and_the_rest_stays() {
        for (text, shown) in [
            ("Bob's \"CI\" \\o/", "Bob's \"CI\" \\o/"),
            ("Überprüfung, परीक्षा, 検査, e\u{301}", "Überprüfung, परीक्षा, 検査, e\u{301}"),
            ("\u{1b}[2J\u{7}", "\\u{1b}[2J\\u{7}"),
            ("a\nb\tc\r", "a\\nb\\tc\\r"),
            ("\u{9b}31m\u{7f}\0", "\\u{9b}31m\\u{7f}\\u{0}"),
            (
                "\u{202e}drowssap\u{2066}\u{200b}\u{2028}",
                "\\u{202e}drowssap\\u{2066}\\u{200b}\\u{2028}",
            ),
        ] {
            assert_eq!(harmless(text), shown);
        }
    }
}
