//! Forms of answers that more than one API has.

use serde_json::Value;

use crate::answer::Answer;
use crate::bigspin::assert_is_request_id;

/// The names of an object's fields, in their order.
#[track_caller]
pub fn fields(object: &Value) -> Vec<&str> {
    object.as_object().expect("an object").keys().map(String::as_str).collect()
}

/// A text of this form, in which `0` stands for any digit.
#[track_caller]
pub fn assert_form(value: &Value, form: &str) {
    let text = value.as_str().expect("a text");
    let digits = text.chars().map(|digit| if digit.is_ascii_digit() { '0' } else { digit });
    assert_eq!(digits.collect::<String>(), form);
}

/// JSON with the headers that every answer has, and no others.
#[track_caller]
pub fn assert_json(answer: &Answer, status: u16) -> Value {
    assert_eq!(answer.status, status, "{}", answer.body);
    assert_eq!(answer.header_names(), ["content-length", "content-type", "x-request-id"]);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_is_request_id(answer);
    answer.json()
}

/// The same of the management of keys.
#[track_caller]
pub fn assert_managed(answer: &Answer, status: u16) -> Value {
    assert_json(&kept_by_no_cache(answer), status)
}

/// An answer less the header by which no cache keeps it.
#[track_caller]
pub fn kept_by_no_cache(answer: &Answer) -> Answer {
    let mut answer = answer.clone();
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    answer.headers.remove("cache-control");
    answer
}
