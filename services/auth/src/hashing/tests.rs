use super::*;

const GOOD: &str = "correct horse battery staple";
const ADA: &str = "ada@example.org";

fn hasher(slots: usize) -> Hasher {
    Hasher::new(slots, b"a secret of the installation").unwrap()
}

async fn stored(hasher: &Hasher, password: &str, address: &str) -> String {
    hasher.hash(Password::parse(password).unwrap(), address, vec![]).await.unwrap()
}

fn own(hash: impl Into<String>) -> Candidates {
    Candidates { own: Some(hash.into()), registered: None }
}

#[tokio::test]
async fn a_hash_matches_its_password_only() {
    let hasher = hasher(1);
    let hash = stored(&hasher, GOOD, ADA).await;
    assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
    assert!(hasher.matches(GOOD.into(), ADA, Some(hash.clone())).await.unwrap());
    let wrong = "Correct horse battery staple";
    assert!(!hasher.matches(wrong.into(), ADA, Some(hash)).await.unwrap());
}

#[tokio::test]
async fn two_addresses_or_two_installations_never_share_a_salt() {
    let (one, other) = (hasher(1), Hasher::new(1, b"another secret").unwrap());
    let hash = stored(&one, GOOD, ADA).await;
    assert_ne!(stored(&one, GOOD, "eve@example.org").await, hash);
    assert_ne!(stored(&other, GOOD, ADA).await, hash);
}

#[tokio::test]
async fn one_comparison_tells_the_accounts_password_from_a_registrations() {
    let hasher = hasher(1);
    let (hash, registered) =
        (stored(&hasher, GOOD, ADA).await, stored(&hasher, "what eve registered", ADA).await);
    for own in [Some(hash.clone()), None] {
        let candidates = Candidates { own, registered: Some(registered.clone()) };
        let found = hasher.compare("what eve registered".into(), ADA, candidates.clone()).await.unwrap();
        assert_eq!(found, Match::Registered);
        assert_eq!(hasher.compare("neither".into(), ADA, candidates).await.unwrap(), Match::None);
    }
    let candidates = Candidates { own: Some(hash), registered: Some(registered) };
    let found = hasher.compare(GOOD.into(), ADA, candidates).await.unwrap();
    assert_eq!(found, Match::Own { replacement: None });
}

#[tokio::test]
async fn a_hash_with_another_salt_or_other_parameters_is_replaced() {
    let hasher = hasher(1);
    let before = stored(&hasher, GOOD, "ada@former.example").await;
    let light = Params::new(8, 1, 1, None).unwrap();
    let light = hash(&light, &hasher.memory, GOOD.as_bytes(), &hasher.salt(ADA)).unwrap().to_string();
    let now = stored(&hasher, GOOD, ADA).await;
    for old in [before, light] {
        let found = hasher.compare(GOOD.into(), ADA, own(old)).await.unwrap();
        assert_eq!(found, Match::Own { replacement: Some(now.clone()) });
    }
}

#[tokio::test]
async fn a_bcrypt_hash_of_another_system_is_compared_and_replaced() {
    let hasher = hasher(1);
    let imported = bcrypt::hash(GOOD, 4).unwrap();
    let now = stored(&hasher, GOOD, ADA).await;
    let found = hasher.compare(GOOD.into(), ADA, own(imported.clone())).await.unwrap();
    assert_eq!(found, Match::Own { replacement: Some(now) });
    assert_eq!(hasher.compare("another".into(), ADA, own(imported)).await.unwrap(), Match::None);
}

#[tokio::test]
async fn without_an_account_nothing_matches() {
    assert!(!hasher(1).matches(GOOD.into(), ADA, None).await.unwrap());
}

#[tokio::test]
async fn a_weak_password_is_not_hashed() {
    let refused = hasher(1).hash(Password::parse("password1").unwrap(), ADA, vec![]).await;
    assert!(matches!(refused, Err(HashError::Refused(PasswordError::Weak(_)))));
}

#[tokio::test]
async fn a_broken_stored_hash_is_an_error_and_no_match() {
    let broken = hasher(1).matches(GOOD.into(), ADA, Some("$argon2id$nonsense".into())).await;
    assert!(matches!(broken, Err(HashError::Unknown(_))));
}

#[tokio::test]
async fn past_the_queue_callers_are_turned_away_and_places_come_back() {
    let hasher = hasher(1);
    let places: Vec<_> =
        (0..=QUEUE_PER_SLOT).map(|_| hasher.admitted.clone().try_acquire_owned().unwrap()).collect();
    let refused = hasher.matches(GOOD.into(), ADA, None).await;
    assert!(matches!(refused, Err(HashError::Overloaded)));
    drop(places);
    assert!(hasher.matches(GOOD.into(), ADA, None).await.is_ok());
}

#[tokio::test]
async fn at_most_as_many_run_as_there_are_slots() {
    let mut hasher = hasher(1);
    hasher.longest_wait = Duration::from_millis(20);
    let busy = hasher.running.clone().try_acquire_owned().unwrap();
    let refused = hasher.matches(GOOD.into(), ADA, None).await;
    assert!(matches!(refused, Err(HashError::Overloaded)), "waited in vain");
    drop(busy);
}
