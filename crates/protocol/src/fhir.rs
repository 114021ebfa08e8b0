//! FHIR R4 `Observation`, as far as a vital sign needs it (<https://hl7.org/fhir/R4/vitalsigns.html>).
//!
//! A session knows no patient: `subject`, which the vital-signs profile wants, is added by whoever files the resource.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The system of LOINC codes.
pub const LOINC: &str = "http://loinc.org";
/// The system of units.
pub const UCUM: &str = "http://unitsofmeasure.org";
/// The system of categories of observations.
pub const OBSERVATION_CATEGORY: &str = "http://terminology.hl7.org/CodeSystem/observation-category";
/// The system of reasons for absent values.
pub const DATA_ABSENT_REASON: &str = "http://terminology.hl7.org/CodeSystem/data-absent-reason";

/// One measurement, or why there is none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "resourceType", rename = "Observation", rename_all = "camelCase")]
pub struct Observation {
    /// How sure it is.
    pub status: ObservationStatus,
    /// What sort of observation it is: `vital-signs`.
    pub category: Vec<CodeableConcept>,
    /// What was measured.
    pub code: CodeableConcept,
    /// When it was measured; absent where the server has no wall clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_period: Option<Period>,
    /// The figure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value_quantity: Option<Quantity>,
    /// Why there is no figure; given exactly where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_absent_reason: Option<CodeableConcept>,
    /// How it was measured.
    pub method: CodeableConcept,
    /// What belongs to the figure: its quality.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub component: Vec<ObservationComponent>,
}

/// How sure an observation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ObservationStatus {
    /// It rests on less than a whole window.
    Preliminary,
    /// It is complete.
    Final,
}

/// Part of an observation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ObservationComponent {
    /// What it is.
    pub code: CodeableConcept,
    /// The figure.
    pub value_quantity: Quantity,
}

/// A concept, as codes or in words.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct CodeableConcept {
    /// As codes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub coding: Vec<Coding>,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl CodeableConcept {
    /// A concept that has a code.
    pub fn coded(system: &str, code: &str, display: &str) -> Self {
        Self {
            coding: vec![Coding {
                system: system.to_owned(),
                code: code.to_owned(),
                display: display.to_owned(),
            }],
            text: None,
        }
    }

    /// A concept in words alone.
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            coding: Vec::new(),
            text: Some(text.into()),
        }
    }
}

/// A code of a code system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Coding {
    /// The system, as a URI.
    pub system: String,
    /// The code.
    pub code: String,
    /// The system's own words for it.
    pub display: String,
}

/// A figure and its unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Quantity {
    /// The figure.
    pub value: f64,
    /// The unit, for people.
    pub unit: String,
    /// The system of the unit's code.
    pub system: String,
    /// The unit's code.
    pub code: String,
}

impl Quantity {
    /// `value` in the UCUM unit `code`.
    pub fn ucum(value: f64, unit: &str, code: &str) -> Self {
        Self {
            value,
            unit: unit.to_owned(),
            system: UCUM.to_owned(),
            code: code.to_owned(),
        }
    }
}

/// A stretch of time, RFC 3339 in UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Period {
    /// Its beginning.
    pub start: String,
    /// Its end.
    pub end: String,
}
