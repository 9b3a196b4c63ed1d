use std::process::Command;
use std::time::{Duration, Instant};

use crate::failure::{Failure, Result};

/// Commands one after the other, each under a heading; the first that fails ends them.
#[derive(Default)]
pub(crate) struct Steps {
    done: Vec<(String, Duration)>,
}

impl Steps {
    pub(crate) fn run(&mut self, title: impl Into<String>, command: &mut Command) -> Result<()> {
        let title = title.into();
        println!("\n=== {title}\n$ {}", shown(command));
        let started = Instant::now();
        let status = command.status()?;
        if status.success() {
            self.done.push((title, started.elapsed()));
            return Ok(());
        }
        let code = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
        Err(Failure { message: format!("failed: {title}"), code })
    }

    /// Prints what ran.
    pub(crate) fn finish(self) {
        println!("\n=== All passed");
        for (title, taken) in self.done {
            println!("{:>7.1} s  {title}", taken.as_secs_f64());
        }
    }
}

/// The cargo that runs this.
pub(crate) fn cargo<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Command {
    let mut command = Command::new(env!("CARGO"));
    command.args(arguments);
    command
}

fn shown(command: &Command) -> String {
    let variables = command
        .get_envs()
        .filter_map(|(name, value)| Some(format!("{}='{}'", name.display(), value?.display())));
    let words = command.get_args().map(|word| word.to_string_lossy().into_owned());
    let program = command.get_program().to_string_lossy();
    let program = program.rsplit('/').next().unwrap_or_default().to_owned();
    variables.chain([program]).chain(words).collect::<Vec<_>>().join(" ")
}
