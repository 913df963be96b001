//! The stock of advice. Each point is a sentence that stands alone and a reason; what a model of some quality knows is
//! how many of them it gives and how often it gives the reason.

use super::Seed;

/// A point and its reason.
pub(super) type Point = (&'static str, &'static str);

/// The points of the field that a prompt is about, by the words of its instructions.
pub(super) fn field(text: &str) -> &'static [Point] {
    let text = text.to_lowercase();
    let fields: [(&str, &[Point]); 4] =
        [("legal", LEGAL), ("financ", FINANCE), ("invest", INVESTOR), ("compet", COMPETITOR)];
    let count = |word: &str| text.matches(word).count();
    let best = fields.iter().max_by_key(|(word, _)| count(word)).filter(|(word, _)| count(word) > 0);
    best.map_or(GENERAL, |(_, points)| points)
}

/// The points that these texts draw on.
pub(super) fn stock_of<'a>(texts: impl Iterator<Item = &'a str> + Clone) -> &'static [Point] {
    let drawn = |points: &[Point]| {
        texts.clone().map(|text| points.iter().filter(|(p, _)| text.contains(p)).count()).sum::<usize>()
    };
    let fields = [GENERAL, LEGAL, FINANCE, INVESTOR, COMPETITOR];
    fields.into_iter().max_by_key(|points| drawn(points)).unwrap_or(GENERAL)
}

/// `count` of the points, chosen and ordered by the seed.
pub(super) fn choose(points: &[Point], count: usize, seed: Seed) -> Vec<Point> {
    let mut left = points.to_vec();
    let take = count.min(left.len());
    (0..take).map(|nth| left.remove(seed.pick(nth as u64, left.len()))).collect()
}

const LEGAL: &[Point] = &[
    (
        "Assign all intellectual property to the company in writing",
        "founders and contractors own what they make until they sign it over",
    ),
    (
        "Put vesting with a one-year cliff on every founder's shares",
        "an early leaver with a full stake makes the company hard to fund",
    ),
    (
        "Write down which personal data you process and on what ground",
        "regulators and larger customers both ask for that record first",
    ),
    (
        "Limit your liability in the customer contract",
        "one failed delivery must not cost more than the contract earns",
    ),
    (
        "Check the name and the mark before you print them",
        "a rename after launch costs more than a search before it",
    ),
    (
        "Settle whether helpers are employees or contractors",
        "a wrong label is paid for later with taxes and penalties",
    ),
    (
        "Keep the terms of service and what the product does in step",
        "a promise in the terms that the product breaks is a claim waiting to be made",
    ),
    (
        "Ask a lawyer admitted where you operate before you sign",
        "rules differ between countries and a template knows none of them",
    ),
];
const FINANCE: &[Point] = &[
    (
        "Plan cash by the week for the next thirteen weeks",
        "companies die of an empty account, not of a loss on paper",
    ),
    (
        "Know what one customer earns and costs you over its life",
        "growth multiplies a loss as faithfully as a profit",
    ),
    (
        "Hire after the revenue that pays for it, not before",
        "salaries are the one cost that cannot be returned",
    ),
    (
        "Keep twelve months of runway before you negotiate",
        "whoever has to sign by Friday gets Friday's price",
    ),
    ("Collect yearly in advance where customers will agree", "their cash is cheaper than an investor's"),
    (
        "Separate what is fixed from what grows with sales",
        "only then can you say at which volume you break even",
    ),
    ("Model a bad year beside the expected one", "a plan that survives only good news is a wish"),
    ("Review prices twice a year", "most young companies charge too little and learn it too late"),
];
const INVESTOR: &[Point] = &[
    (
        "Say in one sentence why this is possible now and was not before",
        "timing explains more outcomes than ideas do",
    ),
    (
        "Size the market from the bottom up",
        "a share of a huge number convinces nobody who has seen a thousand of them",
    ),
    ("Show retention by cohort before you show growth", "growth can be bought and retention cannot"),
    ("Explain why this team and not a faster one", "money follows people who could not do anything else"),
    (
        "Raise for a milestone, with a margin of half a year",
        "the next round is priced by what this one proved",
    ),
    ("Name the three risks yourself", "an investor who finds them alone doubts the rest"),
    ("Talk to the partner who would own the deal", "everybody else can only say no"),
    ("Leave a fifth of the shares for people you have not met yet", "the second team builds the company"),
];
const COMPETITOR: &[Point] = &[
    ("Count doing nothing as the first competitor", "most lost deals are lost to it"),
    ("Ask five lost customers what they chose instead", "their list is shorter and truer than any matrix"),
    (
        "Pick the one thing on which you will not be second",
        "a little better at everything is remembered for nothing",
    ),
    ("Watch what rivals hire for", "job advertisements tell next year's roadmap"),
    (
        "Make leaving them easy before you make joining you attractive",
        "switching costs protect the worse product",
    ),
    (
        "Expect the incumbent to copy the visible part within a year",
        "only what customers feed into the product stays yours",
    ),
    ("Compare prices per outcome, not per seat", "buyers compare what they get done"),
    ("Find the segment that the leader serves at a loss", "there you are not worth a fight"),
];
const GENERAL: &[Point] = &[
    ("Begin with the person who has the problem today", "they tell you what to leave out"),
    ("Decide what would change your mind, then look for it", "evidence is cheap before and expensive after"),
    ("Try the smallest version that could fail", "a fast no is worth more than a slow maybe"),
    ("Write the decision down with its reasons", "in a year nobody remembers them"),
    ("Name one owner and one date", "what belongs to all is done by none"),
    ("Measure one number that would embarrass you", "pleasant numbers teach nothing"),
    ("Ask who pays, who uses and who can say no", "they are seldom the same person"),
];
