use std::path::Path;

use keyward::dialect::{Dialect, Recognised};

use crate::failure::{Failure, Result};
use crate::operator;

/// A dialect by its name, or from its file.
pub(crate) fn open(name: &str) -> Result<Dialect> {
    let is_file = Path::new(name).extension().is_some_and(|end| end == "toml");
    if is_file || name.contains('/') {
        return Ok(Dialect::from_file(name)?);
    }
    if name == operator::NAME {
        return Ok(operator::dialect()?);
    }
    Dialect::named(name).ok_or_else(|| {
        let names = Dialect::BUILT_IN.join(", ");
        Failure::usage(format!(
            "there is no dialect `{name}`: give --dialect one of {names}, or the path of a \
             dialect's file, such as ./dialect.toml"
        ))
    })
}

/// Whether a text is a key of a dialect that is built in, or of an operator.
pub(crate) fn is_key(text: &[u8]) -> bool {
    let built_in = Dialect::BUILT_IN.into_iter().filter_map(Dialect::named);
    let mut dialects = built_in.chain(operator::dialect().ok());
    dialects.any(|dialect| matches!(dialect.recognise(text), Recognised::Key(_)))
}
