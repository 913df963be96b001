//! The table at the end, which grows while it is made.

use crate::ledger::Balance;

/// Rows that were printed, how many of them told of something broken, and all of them together.
pub(crate) struct Report {
    broken: usize,
    together: Balance,
}

impl Report {
    pub(crate) fn new() -> Self {
        println!("fault | committed | lost | unsigned | repeated | longest wait | verdict");
        println!("---|---|---|---|---|---|---");
        Self { broken: 0, together: Balance::default() }
    }

    pub(crate) fn add(&mut self, name: &str, balance: Balance) {
        self.print(name, &balance);
        self.together = std::mem::take(&mut self.together).and(&balance);
    }

    /// The last row; gives how many rows told of something broken.
    pub(crate) fn close(mut self) -> usize {
        let broken = self.broken;
        let together = std::mem::take(&mut self.together);
        self.print("all together", &together);
        broken
    }

    fn print(&mut self, name: &str, balance: &Balance) {
        let broken = balance.broken();
        let Balance { committed, lost, unsigned, repeated, longest, .. } = balance;
        let share = balance.share_repeated() * 100.0;
        let verdict = if broken.is_empty() { "holds".to_owned() } else { broken.join(", ") };
        println!(
            "{name} | {committed} | {lost} | {unsigned} | {repeated} ({share:.2} %) | {:.1} s | {verdict}",
            longest.as_secs_f64()
        );
        self.broken += usize::from(!broken.is_empty());
    }
}
