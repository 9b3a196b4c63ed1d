use clap::CommandFactory;
use clap_complete::Shell;

use crate::Cli;
use crate::failure::Result;
use crate::output;

/// Prints a shell's script.
pub(crate) fn print(shell: Shell) -> Result<()> {
    // Into memory first: `generate` panics where nobody reads.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "keyward", &mut script);
    output::write(&script)
}
