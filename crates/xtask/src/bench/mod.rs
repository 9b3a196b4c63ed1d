mod client;
mod cold;
mod count;
mod functions;
mod list;
mod server;
mod spread;
mod throughput;

use clap::Args;

use crate::failure::Result;

#[derive(Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a word of the command line")]
pub(crate) struct Options {
    /// Count user-space instructions per request under callgrind instead
    #[arg(long)]
    count: bool,
    /// With --count: show where the instructions go that keyward adds
    #[arg(long, requires = "count")]
    functions: bool,
    /// Manage a store of a million keys instead
    #[arg(long, conflicts_with_all = ["count", "rounds"])]
    list: bool,
    /// Verify keys that no cache knows yet against PostgreSQL instead
    #[arg(long, conflicts_with_all = ["count", "list", "rounds"])]
    cold: bool,
    /// How many rounds of a second for each server
    #[arg(long, default_value_t = 15)]
    rounds: u32,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    if options.list {
        return list::run();
    }
    if options.cold {
        return cold::run();
    }
    let program = server::build()?;
    if options.count {
        count::run(&program, options.functions)
    } else {
        throughput::run(&program, options.rounds)
    }
}
