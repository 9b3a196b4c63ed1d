use clap::Args;
use keyward::key::{InvalidNetworks, Networks};

use crate::failure::{Failure, Result};

/// Where a key works from.
#[derive(Args)]
pub(super) struct Origin {
    /// A network that it works from and from nowhere else, such as 203.0.113.0/24; may be repeated
    #[arg(long = "network", value_name = "CIDR", value_parser = network)]
    networks: Vec<String>,
}

impl Origin {
    /// The networks, if any were named.
    pub(super) fn networks(&self) -> Result<Option<Networks>> {
        if self.networks.is_empty() {
            return Ok(None);
        }
        let networks = Networks::new(self.networks.iter().map(String::as_str));
        networks.map(Some).map_err(|error| Failure::usage(error.to_string()))
    }
}

fn network(text: &str) -> Result<String, InvalidNetworks> {
    Networks::new([text]).map(|_| text.to_owned())
}
