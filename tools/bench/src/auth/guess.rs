//! What a wrong password costs beside a right one, and an address without an account.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::world::{PASSWORD, World, somebody};
use crate::table;

const TRIES: usize = 150;
const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [2, 0, 1], [1, 2, 0], [0, 2, 1], [1, 0, 2], [2, 1, 0]];
/// Between tries, so that the background has done with the one before.
const PAUSE: Duration = Duration::from_millis(25);
const WRONG: &str = "incorrect-horse-battery-staple-42";
/// Numbers from here on have no account.
const NOBODY: usize = 1_000_000;

pub(super) async fn rows(world: &World) -> Result<Vec<Vec<String>>> {
    let (mut right, mut wrong, mut nobody) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..TRIES {
        // In every order equally often: what one leaves behind for the background is felt by whoever comes next.
        for kind in ORDERS[number % ORDERS.len()] {
            match kind {
                0 => right.push(time(world, somebody(number), PASSWORD, 200).await),
                1 => wrong.push(time(world, somebody(number), WRONG, 401).await),
                _ => nobody.push(time(world, NOBODY + number, WRONG, 401).await),
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
    let limit = table::median(right.clone());
    let row = |name: &str, times: Vec<f64>, goal: &str| {
        let median = table::median(times);
        let share = format!("{:+.1} %", (median / limit - 1.0) * 100.0);
        vec![name.to_owned(), format!("{:.2} ms", median * 1000.0), share, goal.to_owned()]
    };
    Ok(vec![
        row("right password", right, ""),
        row("wrong password", wrong, "within 2 %"),
        row("address without an account", nobody, "within 2 %"),
    ])
}

async fn time(world: &World, number: usize, password: &str, status: u16) -> f64 {
    let begun = Instant::now();
    let _ = world.login(number, password).await.expect(status);
    begun.elapsed().as_secs_f64()
}
