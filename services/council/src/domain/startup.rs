//! A company's profile, as the models are told it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is known of a company, for one run: it is not kept as a start-up.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Profile {
    /// Its name.
    #[schema(min_length = 1, max_length = 200, examples("Acme Robotics"))]
    pub name: String,
    /// What it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 4000)]
    pub description: Option<String>,
    /// Its industry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100)]
    pub industry: Option<String>,
    /// How far it is, such as `SEED`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 40)]
    pub stage: Option<String>,
    /// ISO 3166-1 alpha-2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 2, max_length = 2)]
    pub country: Option<String>,
    /// How many people work for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub team_size: Option<i32>,
    /// Its web site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 500)]
    pub website: Option<String>,
}

impl Profile {
    /// A line for each thing that is known.
    pub fn text(&self) -> String {
        let team = self.team_size.map(|size| format!("{size} people"));
        let lines = [
            ("Name", Some(&self.name)),
            ("Industry", self.industry.as_ref()),
            ("Stage", self.stage.as_ref()),
            ("Country", self.country.as_ref()),
            ("Team", team.as_ref()),
            ("Web site", self.website.as_ref()),
            ("What it does", self.description.as_ref()),
        ];
        let known = lines.iter().filter_map(|(name, value)| Some((name, value.map(|value| value.trim())?)));
        let known = known.filter(|(_, value)| !value.is_empty());
        known.map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join("\n")
    }
}

impl From<witan_clients::StartupProfile> for Profile {
    fn from(known: witan_clients::StartupProfile) -> Self {
        let witan_clients::StartupProfile {
            id: _,
            name,
            description,
            industry,
            stage,
            country,
            team_size,
            website,
        } = known;
        Self { name, description, industry, stage, country, team_size, website }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_not_mentioned() {
        let profile = Profile {
            name: "Acme".to_owned(),
            team_size: Some(3),
            industry: Some("  ".to_owned()),
            ..Profile::default()
        };
        assert_eq!(profile.text(), "Name: Acme\nTeam: 3 people");
    }
}
