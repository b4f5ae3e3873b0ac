//! Times of the day at which models of litellm's table cost something else.

use super::litellm::List;
use super::place::{Fault, Place};
use super::rates::Rates;
use super::when::{EVERY_DAY, When};
use serde_json::Value;

type Read<T> = Result<T, Box<Fault>>;

/// Places whose days of the week tables name, and how far their clocks are ahead, all the year.
const ZONES: &[(&str, u64)] = &[("UTC", 0), ("Asia/Shanghai", 8 * 60 * 60)];

/// Times of the day with other prices. Where days of the week are those of a place that is not known, the
/// usual prices count.
pub(super) fn add(place: &Place<'_>, prices: &mut Vec<(When, Rates)>) -> Read<()> {
    let mut list = List::default();
    for (field, place) in place.fields()? {
        list.add(field, &place)?;
    }
    let Some((_, usual)) = prices.first() else { return Ok(()) };
    let rates = usual.overridden(&list.standard(""));
    let zone = place.key("weekday_timezone").map_or(Ok("UTC"), |zone| zone.text())?;
    let ahead = ZONES.iter().find(|(known, _)| *known == zone).map(|(_, ahead)| *ahead);
    let mut windows: Vec<_> =
        place.key("hours_utc").map(|hours| (hours, EVERY_DAY)).into_iter().collect();
    let rules = place.key("windows");
    let rules: Vec<_> =
        rules.iter().map(Place::items).collect::<Read<Vec<_>>>()?.into_iter().flatten().collect();
    for rule in &rules {
        let days = match rule.key("weekdays") {
            Some(days) if ahead.is_some() => weekdays(&days)?,
            Some(_) => continue,
            None => EVERY_DAY,
        };
        windows.extend(rule.key("hours_utc").map(|hours| (hours, days)));
    }
    let off_peak = OffPeak { ahead: ahead.unwrap_or(0), rates };
    windows.iter().try_for_each(|(hours, days)| times(hours, *days, &off_peak, prices))
}

fn weekdays(place: &Place<'_>) -> Read<u8> {
    place.items()?.try_fold(0, |days, day| match day.count()? {
        day @ 1..=7 => Ok(days | 1 << (day - 1)),
        _ => Err(day.fault("is no day of the week")),
    })
}

struct OffPeak {
    ahead: u64,
    rates: Rates,
}

/// `10:00-00:00`, or a list of such.
fn times(
    place: &Place<'_>,
    days: u8,
    off_peak: &OffPeak,
    prices: &mut Vec<(When, Rates)>,
) -> Read<()> {
    let mut add = |place: &Place<'_>| {
        let bounds = place.text()?.split_once('-');
        let times = bounds.and_then(|(from, to)| {
            Some((When::parse_time(from.trim())?, When::parse_time(to.trim())?))
        });
        let (from, to) = times.ok_or_else(|| place.fault("is no time of day"))?;
        prices
            .push((When::Daily { from, to, days, ahead: off_peak.ahead }, off_peak.rates.clone()));
        Ok(())
    };
    match place.value {
        Value::Array(_) => place.items()?.try_for_each(|hours| add(&hours)),
        _ => add(place),
    }
}
