//! The table of all cells.

use std::collections::BTreeMap;
use std::fmt;

use super::FAULTS;
use super::cell::{Cell, MOMENTS, Moment, Outcome};

/// Outcomes by vendor, fault and moment.
#[derive(Default)]
pub(crate) struct Table(Vec<(Cell, Outcome)>);

impl Table {
    pub(crate) fn extend(&mut self, cells: Vec<(Cell, Outcome)>) {
        self.0.extend(cells);
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Everything that should not have happened.
    pub(crate) fn violations(&self) -> Vec<String> {
        self.0
            .iter()
            .flat_map(|(cell, outcome)| {
                outcome
                    .violations
                    .iter()
                    .map(move |what| format!("{cell}: {what}"))
            })
            .collect()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut vendors: BTreeMap<&str, BTreeMap<&str, BTreeMap<&str, &Outcome>>> = BTreeMap::new();
        for (cell, outcome) in &self.0 {
            let faults = vendors.entry(cell.subject.title).or_default();
            faults
                .entry(cell.fault)
                .or_default()
                .insert(cell.moment.name(), outcome);
        }
        writeln!(
            f,
            "| vendor | fault | {} |",
            MOMENTS.map(Moment::name).join(" | ")
        )?;
        writeln!(f, "|---|---|{}", "---|".repeat(MOMENTS.len()))?;
        for (vendor, faults) in &vendors {
            for fault in FAULTS {
                let Some(moments) = faults.get(fault) else {
                    continue;
                };
                write!(f, "| {vendor} | `{fault}` |")?;
                for moment in MOMENTS {
                    match moments.get(moment.name()) {
                        Some(outcome) => write!(f, " {outcome} |")?,
                        None => write!(f, " |")?,
                    }
                }
                writeln!(f)?;
            }
        }
        writeln!(
            f,
            "\n{} cells, {} violations",
            self.len(),
            self.violations().len()
        )
    }
}
