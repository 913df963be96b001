use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Notify;
use witan_clock::Clock;
use witan_ids::{UserId, WorkspaceId};

use crate::{AccessError, CachedMemberships, Membership, Memberships, permission};

/// One membership that a test changes, with answers that it can hold back.
#[derive(Default)]
struct Source {
    membership: Mutex<Option<Membership>>,
    asked: AtomicUsize,
    held: AtomicBool,
    asking: Notify,
    release: Notify,
}

#[async_trait]
impl Memberships for Source {
    async fn find(&self, _: UserId, _: Option<WorkspaceId>) -> Result<Option<Membership>, AccessError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let answer = self.membership.lock().unwrap().clone();
        if self.held.load(Ordering::SeqCst) {
            self.asking.notify_one();
            self.release.notified().await;
        }
        Ok(answer)
    }
}

fn membership(user_id: UserId, workspace_id: WorkspaceId) -> Membership {
    let permissions = permission::MEMBER.iter().map(|one| one.as_str().to_owned()).collect();
    Membership {
        workspace_id,
        user_id,
        role: "MEMBER".to_owned(),
        permissions,
        active: true,
        second_factor_required: false,
        deletion_pending: false,
    }
}

fn world() -> (Arc<Source>, CachedMemberships, UserId, WorkspaceId) {
    let clock = Clock::system();
    let (user, workspace) = (UserId::generate(&clock), WorkspaceId::generate(&clock));
    let source = Arc::new(Source::default());
    *source.membership.lock().unwrap() = Some(membership(user, workspace));
    (source.clone(), CachedMemberships::new(source), user, workspace)
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_believed_for_half_a_minute() {
    let (source, cached, user, workspace) = world();
    for _ in 0..3 {
        assert_eq!(cached.find(user, Some(workspace)).await.unwrap().unwrap().role, "MEMBER");
    }
    assert_eq!(source.asked.load(Ordering::SeqCst), 1);
    tokio::time::advance(Duration::from_secs(31)).await;
    cached.find(user, Some(workspace)).await.unwrap();
    assert_eq!(source.asked.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn invalidation_takes_effect_at_once() {
    let (source, cached, user, workspace) = world();
    for invalidate in [
        (|cached, user, _| CachedMemberships::invalidate_user(cached, user)) as fn(&CachedMemberships, _, _),
        |cached, _, workspace| cached.invalidate_workspace(workspace),
        |cached, _, _| cached.clear(),
    ] {
        *source.membership.lock().unwrap() = Some(membership(user, workspace));
        cached.clear();
        assert!(cached.find(user, None).await.unwrap().is_some());
        *source.membership.lock().unwrap() = None;
        assert!(cached.find(user, None).await.unwrap().is_some());
        invalidate(&cached, user, workspace);
        assert!(cached.find(user, None).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn who_had_no_workspace_is_found_to_have_one_after_an_event() {
    let (source, cached, user, workspace) = world();
    *source.membership.lock().unwrap() = None;
    assert!(cached.find(user, None).await.unwrap().is_none());
    *source.membership.lock().unwrap() = Some(membership(user, workspace));
    cached.invalidate_workspace(workspace);
    assert!(cached.find(user, None).await.unwrap().is_some());
}

#[tokio::test]
async fn an_answer_from_before_an_invalidation_is_not_kept() {
    let (source, cached, user, workspace) = world();
    source.held.store(true, Ordering::SeqCst);
    let late = async {
        source.asking.notified().await;
        *source.membership.lock().unwrap() = None;
        cached.invalidate_user(user);
        source.held.store(false, Ordering::SeqCst);
        source.release.notify_one();
    };
    let (found, ()) = tokio::join!(cached.find(user, Some(workspace)), late);
    assert!(found.unwrap().is_some());
    assert!(cached.find(user, Some(workspace)).await.unwrap().is_none());
}

#[tokio::test]
async fn many_callers_ask_once() {
    let (source, cached, user, workspace) = world();
    let calls = (0..50).map(|_| cached.find(user, Some(workspace)));
    futures_util::future::join_all(calls).await;
    assert_eq!(source.asked.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_ever() {
    let (source, cached, user, workspace) = world();
    source.held.store(true, Ordering::SeqCst);
    let error = cached.find(user, Some(workspace)).await.unwrap_err();
    assert!(matches!(error, AccessError::Unavailable { .. }));
}

#[test]
fn a_deactivated_member_may_do_nothing() {
    let clock = Clock::system();
    let mut membership = membership(UserId::generate(&clock), WorkspaceId::generate(&clock));
    assert!(membership.allows(permission::CHAT_WRITE));
    assert!(!membership.allows(permission::MEMBERS_MANAGE));
    membership.active = false;
    assert!(!membership.allows(permission::CHAT_WRITE));
}

#[test]
fn every_permission_is_found_by_its_text() {
    for one in permission::ALL {
        assert_eq!(permission::find(one.as_str()), Some(*one));
    }
    assert_eq!(permission::find("startups:destroy"), None);
}
