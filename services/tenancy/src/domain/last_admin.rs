//! A workspace always has somebody who runs it.

use crate::domain::role::Role;
use crate::domain::status::MemberStatus;

/// What counts of a member here.
pub(crate) type Place = (Role, MemberStatus);

/// Whether somebody who ran the workspace does so no longer; `after` is none for who leaves it.
pub(crate) fn steps_down(before: Place, after: Option<Place>) -> bool {
    const RUNS_IT: Place = (Role::Admin, MemberStatus::Active);
    before == RUNS_IT && after != Some(RUNS_IT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_ran_it_can_step_down() {
        let admin = (Role::Admin, MemberStatus::Active);
        let [away, member] = [(Role::Admin, MemberStatus::Inactive), (Role::Member, MemberStatus::Active)];
        for after in [None, Some(away), Some(member)] {
            assert!(steps_down(admin, after));
            assert!(!steps_down(away, after) && !steps_down(member, after));
        }
        assert!(!steps_down(admin, Some(admin)));
    }
}
