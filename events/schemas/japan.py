"""Japan's additions to the data set: the ministry's aims of research, and the laws that govern a trial."""

from enum import StrEnum


class ResearchAim(StrEnum):
    """The ministry's balance (2019 report, L33): products developed, or care optimised, or technique."""

    DEVELOPMENT = "development"
    OPTIMISATION_OF_CARE = "optimisation_of_care"
    TECHNIQUE = "technique"
    UNCLASSIFIED = "unclassified"


class LegalRegime(StrEnum):
    """The law that a trial is conducted under in Japan."""

    DRUG_GCP = "drug_gcp"
    DEVICE_GCP = "device_gcp"
    REGENERATIVE_GCP = "regenerative_gcp"
    CLINICAL_TRIALS_ACT_SPECIFIED = "clinical_trials_act_specified"
    CLINICAL_TRIALS_ACT_NON_SPECIFIED = "clinical_trials_act_non_specified"
    REGENERATIVE_MEDICINE_ACT = "regenerative_medicine_act"
    OTHER = "other"
    UNCLASSIFIED = "unclassified"
