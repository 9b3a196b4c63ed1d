use http::HeaderMap;
use http::header::AUTHORIZATION;
use keyward_core::verify::RejectionKind;

/// The text after `Bearer` where it looks like a JWT, and else nothing.
pub(super) fn jwt_in(headers: &HeaderMap) -> Result<Option<&str>, RejectionKind> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (value, another) = (values.next(), values.next());
    if another.is_some() {
        return Err(RejectionKind::Ambiguous);
    }
    let text = value.and_then(|value| value.to_str().ok()).and_then(after_bearer);
    Ok(text.filter(|text| looks_like_jwt(text)))
}

/// The scheme is case-insensitive, with one or more spaces after it (RFC 9110 §11.4).
fn after_bearer(value: &str) -> Option<&str> {
    let (scheme, text) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| text.trim_matches(' '))
}

/// Three parts in base64url, the first of them an object in JSON: `{"` begins with `ey`.
fn looks_like_jwt(text: &str) -> bool {
    let is_base64url = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    text.starts_with("ey")
        && text.bytes().filter(|byte| *byte == b'.').count() == 2
        && text.bytes().all(|byte| byte == b'.' || is_base64url(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(value: &str) -> Option<String> {
        let headers = HeaderMap::from_iter([(AUTHORIZATION, value.parse().unwrap())]);
        jwt_in(&headers).unwrap().map(str::to_owned)
    }

    #[test]
    fn the_scheme_is_case_insensitive_and_spaces_follow_it() {
        for value in ["Bearer eyJ.e30.c2ln", "bearer eyJ.e30.c2ln", "BEARER   eyJ.e30.c2ln "] {
            assert_eq!(found(value).as_deref(), Some("eyJ.e30.c2ln"), "{value:?}");
        }
    }

    #[test]
    fn what_does_not_look_like_a_jwt_is_for_somebody_else() {
        for value in [
            "",
            "Bearer",
            "Bearer ",
            "Bearer pk_live_0123456789abcdef",
            "Bearer eyJ.e30",
            "Bearer eyJ.e30.c2ln.c2ln",
            "Bearer eyJ.e30.c2ln=",
            "Bearer eyJ.e30 .c2ln",
            "Bearer\teyJ.e30.c2ln",
            "Bearer AyJ.e30.c2ln",
            "Basic eyJ.e30.c2ln",
            "eyJ.e30.c2ln",
        ] {
            assert_eq!(found(value), None, "{value:?}");
        }
        assert_eq!(jwt_in(&HeaderMap::new()), Ok(None));
    }

    #[test]
    fn two_headers_are_ambiguous() {
        let mut headers = HeaderMap::new();
        headers.append(AUTHORIZATION, "Bearer eyJ.e30.c2ln".parse().unwrap());
        headers.append(AUTHORIZATION, "Basic a2V5".parse().unwrap());
        assert_eq!(jwt_in(&headers), Err(RejectionKind::Ambiguous));
    }
}
