use std::path::Path;

use keyward::dialect::Dialect;

use crate::failure::{Failure, Result};

/// A dialect by its name, or from its file.
pub(crate) fn open(name: &str) -> Result<Dialect> {
    let is_file = Path::new(name).extension().is_some_and(|end| end == "toml");
    if is_file || name.contains('/') {
        return Ok(Dialect::from_file(name)?);
    }
    match name {
        "standard" => Ok(Dialect::standard()),
        "bigspin" => Ok(Dialect::bigspin()),
        _ => Err(Failure::usage(format!(
            "there is no dialect `{name}`: give --dialect standard, bigspin, or the path of a \
             dialect's file, such as ./dialect.toml"
        ))),
    }
}
