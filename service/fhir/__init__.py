"""Findings <-> FHIR R4 Genomics Reporting 3.0.0; the only place that knows FHIR."""
