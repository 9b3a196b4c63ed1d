/// Whether a text may stand in a key's record: without control characters, but for tabs and line
/// breaks. PostgreSQL keeps no NUL, and no terminal or log shall get the others.
///
/// ```
/// use keyward_core::key::check_text;
///
/// assert!(check_text("a key of two lines\nand a tab\t").is_ok());
/// assert!(check_text("a bell\u{7}").is_err());
/// ```
///
/// # Errors
/// A sentence for people.
pub fn check_text(text: &str) -> Result<(), &'static str> {
    if text.contains(|c: char| c < ' ' && !matches!(c, '\t' | '\n' | '\r')) {
        return Err("leave out control characters: only tabs and line breaks are text");
    }
    Ok(())
}
