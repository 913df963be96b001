use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::hash::Hash;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::sync::oneshot;

use crate::Lifecycle;

/// Work that costs about as much for many as for one, done for those who ask for it, of each key by itself; clones share it.
///
/// Whoever asks while it is under way is served by the next turn, together with all others who do: nobody waits for company, and the
/// more there is to do the less one of them costs.
pub struct Together<K, I, O>(Arc<Shared<K, I, O>>);

/// What is asked for, and who waits for it.
type Asked<I, O> = (I, oneshot::Sender<O>);

struct Shared<K, I, O> {
    name: &'static str,
    most: usize,
    lifecycle: Lifecycle,
    work: Work<K, I, O>,
    /// Of every key whose work is under way those who wait for the next turn.
    waiting: Mutex<HashMap<K, VecDeque<Asked<I, O>>>>,
}

/// Gives an answer for each that is asked for, in their order; none at all when it failed.
type Work<K, I, O> = Box<dyn Fn(K, Vec<I>) -> BoxFuture<'static, Vec<O>> + Send + Sync>;

impl<K, I, O> Together<K, I, O>
where
    K: Clone + Eq + Hash + Send + 'static,
    I: Send + 'static,
    O: Send + 'static,
{
    /// `work` for at most so many at a time, which gives an answer for each in their order, or none at all when it fails. Its tasks have that
    /// name.
    pub fn new<W, F>(lifecycle: &Lifecycle, name: &'static str, most: usize, work: W) -> Self
    where
        W: Fn(K, Vec<I>) -> F + Send + Sync + 'static,
        F: Future<Output = Vec<O>> + Send + 'static,
    {
        let work: Work<K, I, O> = Box::new(move |key, items| work(key, items).boxed());
        let (lifecycle, waiting) = (lifecycle.clone(), Mutex::default());
        Self(Arc::new(Shared { name, most, lifecycle, work, waiting }))
    }

    /// The answer; none when the work failed, for all of its turn.
    ///
    /// What was asked for is done also when nobody waits for it any longer.
    pub async fn ask(&self, key: K, item: I) -> Option<O> {
        let (answer, answered) = oneshot::channel();
        self.begin(key, (item, answer));
        answered.await.ok()
    }

    /// Asks and does not wait.
    pub fn tell(&self, key: K, item: I) {
        self.begin(key, (item, oneshot::channel().0));
    }

    fn begin(&self, key: K, asked: Asked<I, O>) {
        if self.0.add(key.clone(), asked) {
            self.0.lifecycle.spawn(self.0.name, self.0.clone().run(key));
        }
    }
}

impl<K, I, O> Clone for Together<K, I, O> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<K, I, O> fmt::Debug for Together<K, I, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Together").field(&self.0.name).finish()
    }
}

impl<K, I, O> Shared<K, I, O>
where
    K: Clone + Eq + Hash,
{
    /// Says whether somebody must begin.
    fn add(&self, key: K, asked: Asked<I, O>) -> bool {
        let mut waiting = self.waiting();
        let begins = !waiting.contains_key(&key);
        waiting.entry(key).or_default().push_back(asked);
        begins
    }

    async fn run(self: Arc<Self>, key: K) {
        while let Some(turn) = self.take(&key) {
            let (items, waiters): (Vec<I>, Vec<_>) = turn.into_iter().unzip();
            let answers = AssertUnwindSafe((self.work)(key.clone(), items)).catch_unwind().await;
            let answers = answers.unwrap_or_else(|_| {
                tracing::error!(name = self.name, "work that was done together panicked");
                Vec::new()
            });
            for (waiter, answer) in waiters.into_iter().zip(answers) {
                let _ = waiter.send(answer);
            }
        }
    }

    /// The next turn; when nobody waits the key is forgotten.
    fn take(&self, key: &K) -> Option<Vec<Asked<I, O>>> {
        let mut waiting = self.waiting();
        let queue = waiting.get_mut(key)?;
        let turn: Vec<_> = queue.drain(..queue.len().min(self.most)).collect();
        if turn.is_empty() {
            waiting.remove(key);
            return None;
        }
        Some(turn)
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<K, VecDeque<Asked<I, O>>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::join_all;
    use tokio::sync::Semaphore;

    use super::*;

    /// Doubles what is even and notes its turns; waits for leave before each.
    fn doubling(
        leave: &Arc<Semaphore>,
        turns: &Arc<Mutex<Vec<Vec<u32>>>>,
    ) -> Together<&'static str, u32, u32> {
        let (leave, turns) = (leave.clone(), turns.clone());
        Together::new(&Lifecycle::new(), "doubling", 3, move |_, items: Vec<u32>| {
            let (leave, turns) = (leave.clone(), turns.clone());
            async move {
                leave.acquire().await.unwrap().forget();
                turns.lock().unwrap().push(items.clone());
                assert!(items.iter().all(|item| item % 2 == 0), "an odd one");
                items.into_iter().map(|item| item * 2).collect()
            }
        })
    }

    #[tokio::test]
    async fn those_who_ask_while_it_is_under_way_are_served_together() {
        let (leave, turns) = (Arc::new(Semaphore::new(0)), Arc::default());
        let together = doubling(&leave, &turns);
        let all = join_all((0..6).map(|number| together.ask("a", number * 2)));
        let (answers, ()) = tokio::join!(all, async {
            tokio::task::yield_now().await;
            leave.add_permits(3);
        });
        assert_eq!(answers, (0..6).map(|number| Some(number * 4)).collect::<Vec<_>>());
        let sizes: Vec<usize> = turns.lock().unwrap().iter().map(Vec::len).collect();
        assert_eq!(sizes, [3, 3], "no more than three at a time");
        assert!(together.0.waiting().is_empty(), "keys are forgotten");
    }

    #[tokio::test]
    async fn keys_do_not_wait_for_each_other() {
        let (leave, turns) = (Arc::new(Semaphore::new(0)), Arc::default());
        let together = doubling(&leave, &turns);
        let both = join_all(["a", "b"].map(|key| together.ask(key, 2)));
        let (answers, ()) = tokio::join!(both, async { leave.add_permits(2) });
        assert_eq!((answers, turns.lock().unwrap().len()), (vec![Some(4), Some(4)], 2));
    }

    #[tokio::test]
    async fn a_turn_that_fails_answers_nobody_and_the_next_one_is_as_good_as_any() {
        let (leave, turns) = (Arc::new(Semaphore::new(9)), Arc::default());
        let together = doubling(&leave, &turns);
        let answers = join_all([4, 1, 2].map(|item| together.ask("a", item))).await;
        assert_eq!(answers, [None, None, None]);
        assert_eq!(together.ask("a", 8).await, Some(16));
    }

    #[tokio::test]
    async fn what_nobody_waits_for_any_longer_is_done_all_the_same() {
        let (leave, turns) = (Arc::new(Semaphore::new(0)), Arc::default());
        let together = doubling(&leave, &turns);
        assert!(together.ask("a", 2).now_or_never().is_none());
        leave.add_permits(2);
        assert_eq!(together.ask("a", 4).await, Some(8));
        assert_eq!(turns.lock().unwrap().concat(), [2, 4]);
    }
}
