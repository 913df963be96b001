//! Rows and queries, a file for each table.

pub(crate) mod bind;
pub(crate) mod deletions;
pub(crate) mod domain_owners;
pub(crate) mod domains;
pub(crate) mod erasure;
pub(crate) mod feature_flags;
pub(crate) mod held;
pub(crate) mod held_doors;
pub(crate) mod held_invitations;
pub(crate) mod invitations;
pub(crate) mod invited;
pub(crate) mod join_links;
pub(crate) mod member_list;
pub(crate) mod members;
pub(crate) mod own_places;
pub(crate) mod people;
pub(crate) mod plan;
pub(crate) mod projects;
pub(crate) mod purges;
pub(crate) mod roles;
pub(crate) mod startups;
pub(crate) mod stats;
pub(crate) mod workspaces;

/// A pattern that finds `text` anywhere, with nothing in it that LIKE would read as a wild card.
pub(crate) fn contains(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::contains;

    #[test]
    fn wild_cards_are_taken_literally() {
        assert_eq!(contains("a_b%c\\"), "%a\\_b\\%c\\\\%");
    }
}
