use std::time::Duration;

use witan_kv::{Quota, Rule};

use crate::world::{World, eventually};

const SLOW: Quota = Quota { burst: 5, per: Duration::from_secs(3600) };

fn rule(key: &str, quota: Quota, cost: u32) -> Rule {
    Rule { key: key.to_owned(), quota, cost }
}

#[tokio::test]
async fn a_bucket_holds_what_it_holds_and_says_so() {
    let kv = World::new().kv().await;
    for left in (0..5).rev() {
        let decision = kv.limit("user", SLOW).await;
        assert!(decision.allowed);
        assert_eq!((decision.limit, decision.remaining), (5, left));
        assert_eq!(decision.retry_after, Duration::ZERO);
    }
    let refused = kv.limit("user", SLOW).await;
    assert!(!refused.allowed);
    assert_eq!(refused.remaining, 0);
    // A fifth of an hour brings one back; an hour fills it.
    assert!(
        refused.retry_after > Duration::from_secs(700) && refused.retry_after <= Duration::from_secs(720)
    );
    assert!(
        refused.reset_after > Duration::from_secs(3500) && refused.reset_after <= Duration::from_secs(3600)
    );
    assert!(kv.limit("somebody else", SLOW).await.allowed);
}

#[tokio::test]
async fn a_bucket_fills_again() {
    let kv = World::new().kv().await;
    let quota = Quota { burst: 2, per: Duration::from_millis(100) };
    assert!(kv.limit("user", quota).await.allowed);
    assert!(kv.limit("user", quota).await.allowed);
    assert!(!kv.limit("user", quota).await.allowed);
    eventually(async || kv.limit("user", quota).await.allowed).await;
}

#[tokio::test]
async fn replicas_share_a_bucket() {
    let world = World::new();
    let (one, other) = (world.kv().await, world.kv().await);
    let mut allowed = 0;
    for _ in 0..5 {
        allowed += u32::from(one.limit("user", SLOW).await.allowed);
        allowed += u32::from(other.limit("user", SLOW).await.allowed);
    }
    assert_eq!(allowed, 5);
}

#[tokio::test]
async fn concurrent_requests_get_no_more_than_there_is() {
    let world = World::new();
    let kv = world.kv().await;
    let calls = (0..50).map(|_| kv.limit("user", SLOW));
    let allowed =
        futures_util::future::join_all(calls).await.iter().filter(|decision| decision.allowed).count();
    assert_eq!(allowed, 5);
}

#[tokio::test]
async fn several_limits_take_from_all_or_from_none() {
    let kv = World::new().kv().await;
    let large = Quota { burst: 100, per: Duration::from_secs(3600) };
    let rules = [rule("address", large, 1), rule("user", SLOW, 5)];
    let first = kv.limit_all("api", &rules).await;
    assert_eq!(
        first.iter().map(|one| (one.allowed, one.remaining)).collect::<Vec<_>>(),
        [(true, 99), (true, 0)]
    );
    let second = kv.limit_all("api", &rules).await;
    assert!(second[0].allowed && !second[1].allowed);
    assert_eq!(second[0].remaining, 99);
}

#[tokio::test]
async fn more_than_a_bucket_can_hold_is_never_allowed() {
    let kv = World::new().kv().await;
    let decisions = kv.limit_all("api", &[rule("user", SLOW, 6)]).await;
    assert!(!decisions[0].allowed);
    assert!(kv.limit("user", SLOW).await.allowed);
}
