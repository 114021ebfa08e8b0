export interface CodeableConcept {
  coding?: { system: string; code: string; display: string }[];
  text?: string;
}

/** A number with its unit in UCUM. */
export interface Quantity {
  value: number;
  unit: string;
  system: string;
  code: string;
}

/** FHIR R4 `Observation` of one vital sign; `subject` is added by whoever files it. */
export interface Observation {
  resourceType: "Observation";
  status: "preliminary" | "final";
  category: CodeableConcept[];
  code: CodeableConcept;
  effectivePeriod?: { start: string; end: string };
  valueQuantity?: Quantity;
  dataAbsentReason?: CodeableConcept;
  method: CodeableConcept;
  component?: { code: CodeableConcept; valueQuantity: Quantity }[];
}
