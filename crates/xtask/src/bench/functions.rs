use std::collections::HashMap;
use std::path::Path;
use std::process::Command;

use super::count::Profiles;
use crate::failure::Result;

const SHOWN: usize = 40;

/// Prints the functions that cost more on one server than on the other, per request.
pub(crate) fn compare(with: &Profiles, without: &Profiles) -> Result<()> {
    println!("\nInstructions added per request, by source file and function\n");
    let (costs, others) = (costs_of(with, "no")?, costs_of(without, "no")?);
    let added = costs.iter().map(|(name, cost)| (name, cost - others.get(name).unwrap_or(&0)));
    print(added.collect());

    println!("\nThe same with what they call, functions of one server only\n");
    let (costs, others) = (costs_of(with, "yes")?, costs_of(without, "yes")?);
    let own = costs.iter().filter(|(name, _)| !others.contains_key(*name));
    print(own.map(|(name, cost)| (name, *cost)).collect());
    Ok(())
}

fn print(mut costs: Vec<(&String, i64)>) {
    costs.sort_by_key(|(_, cost)| -cost);
    for (name, cost) in costs.iter().take(SHOWN) {
        println!("  {cost:>6}  {name}");
    }
}

/// The cost of each function per request.
fn costs_of(profiles: &Profiles, inclusive: &str) -> Result<HashMap<String, i64>> {
    let mut costs = annotate(&profiles.many, inclusive)?;
    for (name, cost) in annotate(&profiles.few, inclusive)? {
        *costs.entry(name).or_default() -= cost;
    }
    let requests = i64::try_from(Profiles::REQUESTS)?;
    Ok(costs.into_iter().map(|(name, cost)| (name, cost / requests)).collect())
}

fn annotate(profile: &Path, inclusive: &str) -> Result<HashMap<String, i64>> {
    let output = Command::new("callgrind_annotate")
        .args(["--threshold=100", "--auto=no", &format!("--inclusive={inclusive}")])
        .arg(profile)
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let mut costs = HashMap::new();
    for (name, cost) in text.lines().filter_map(read) {
        *costs.entry(name).or_default() += cost;
    }
    Ok(costs)
}

/// Reads ` 1,234 ( 5.67%)  path/of/file.rs:function [object]`.
fn read(line: &str) -> Option<(String, i64)> {
    let (cost, rest) = line.trim_start().split_once(' ')?;
    let cost = cost.replace(',', "").parse().ok()?;
    let place = rest.split_once(')').map_or(rest, |(_, place)| place).trim();
    let (path, function) = place.split_once(".rs:").or_else(|| place.split_once(':'))?;
    let function = function.rsplit_once(" [").map_or(function, |(function, _)| function);
    let mut folders = path.rsplit('/');
    let file = folders.next()?;
    let folder = folders.next().unwrap_or_default();
    Some((format!("{folder}/{file}: {function}"), cost))
}
