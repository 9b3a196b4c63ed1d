use keyward_core::key::KeyId;
use percent_encoding::percent_decode_str;

/// The key in a path. A text that no dialect makes an id of names no key.
pub(crate) fn key_id(text: &str) -> Option<KeyId> {
    let id = percent_decode_str(text).decode_utf8().ok()?;
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    ((1..=64).contains(&id.len()) && id.bytes().all(fits)).then(|| KeyId::new(&*id))
}
