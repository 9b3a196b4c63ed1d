mod auth;
mod client;
mod cold;
mod count;
mod flood;
mod functions;
mod list;
mod probe;
mod server;
mod spread;
mod throughput;

use clap::Args;

use self::server::Framework;
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
    /// Measure how long revoked keys are let in by eight processes instead
    #[arg(long, conflicts_with_all = ["cold", "count", "list", "rounds"])]
    probe: bool,
    /// Ask `/auth` of `keyward serve` instead
    #[arg(long, conflicts_with_all = ["cold", "count", "list", "probe"])]
    auth: bool,
    /// Flood a service with unknown keys beside good ones instead
    #[arg(long, conflicts_with_all = ["auth", "cold", "count", "list", "probe", "rounds"])]
    flood: bool,
    /// Only the servers of this framework
    #[arg(long, conflicts_with_all = ["auth", "cold", "flood", "list", "probe"])]
    framework: Option<Framework>,
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
    if options.probe {
        return probe::run();
    }
    if options.flood {
        return flood::run();
    }
    let program = server::build()?;
    if options.auth {
        return auth::run(&program, options.rounds);
    }
    let frameworks = match options.framework {
        Some(framework) => vec![framework],
        None => vec![Framework::Axum, Framework::Actix],
    };
    let one = |framework| {
        if options.count {
            count::run(&program, framework, options.functions)
        } else {
            throughput::run(&program, framework, options.rounds)
        }
    };
    // All of them, whatever the first says.
    frameworks.into_iter().map(one).collect::<Vec<_>>().into_iter().collect()
}
