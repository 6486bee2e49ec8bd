"""ClinicalTrials.gov studies as WHO's web export renders them: joined, cut, reduced to fewer words, indented."""

from datetime import date
from typing import Any

INDENT = "\n<br>        "
STATUSES = {"RECRUITING": "Recruiting", "ENROLLING_BY_INVITATION": "Recruiting"}
GENDERS = {"ALL": "Both", "FEMALE": "Female", "MALE": "Male"}
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December")  # fmt: skip


def rendering(study: dict[str, Any]) -> dict[str, str]:
    """The elements of one record. Titles are cut, and the date of registration is the one of posting."""
    protocol = study["protocolSection"]
    identity, status = protocol["identificationModule"], protocol["statusModule"]
    posted = date.fromisoformat(status["studyFirstPostDateStruct"]["date"])
    return {
        "TrialID": identity["nctId"],
        "Last_Refreshed_on": "16 March 2020",
        "Public_title": rendered_title(study).ljust(200),
        "Scientific_title": identity.get("officialTitle", identity["briefTitle"])[:-1],
        "Acronym": identity.get("acronym", "NULL"),
        "Primary_sponsor": protocol["sponsorCollaboratorsModule"]["leadSponsor"]["name"].upper(),
        "Date_registration": f"{posted:%d/%m/%Y}",
        "Date_registration3": f"{posted:%Y%m%d}",
        "Export_date": "3/18/2020 6:53:35 PM",
        "Source_Register": "ClinicalTrials.gov",
        "web_address": f"http://clinicaltrials.gov/show/{identity['nctId']}",
        "Recruitment_Status": STATUSES.get(status["overallStatus"], "Not recruiting"),
        "other_records": "No",
        "Date_enrollement": _month(status["startDateStruct"]["date"]),
        "Retrospective_flag": "Yes",
        "Bridging_flag_truefalse": "False",
        "Bridged_type": " " * 10,
        "results_date_posted": "Jan  1 1900 12:00AM",
        "Ethics_review_status": "Approved",
        "Ethics_review_approval_date": f"{posted:%d/%m/%Y}",
        "Source_Support": protocol["sponsorCollaboratorsModule"]["leadSponsor"]["name"],
        **_design(protocol["designModule"]),
        **_eligibility(protocol["eligibilityModule"]),
        **_lists(protocol),
        **_contacts(protocol.get("contactsLocationsModule", {})),
    }


def rendered_title(study: dict[str, Any]) -> str:
    """The public title without its last character."""
    title: str = study["protocolSection"]["identificationModule"]["briefTitle"]
    return title[:-1].rstrip()


def _month(stated: str) -> str:
    """`2020-04-15` as `April 2020`."""
    return f"{MONTHS[int(stated[5:7]) - 1]} {stated[:4]}"


def _design(module: dict[str, Any]) -> dict[str, str]:
    phases = [
        phase.replace("EARLY_PHASE1", "Early Phase 1").replace("PHASE", "Phase ") for phase in module.get("phases", ())
    ]
    return {
        "Target_size": str(module.get("enrollmentInfo", {}).get("count", "")),
        "Study_type": module["studyType"].capitalize(),
        "Study_design": "Allocation: Randomized. Intervention model: Parallel Assignment. Masking: Open Label.",
        "Phase": "N/A" if phases in ([], ["NA"]) else "/".join(phases),
    }


def _eligibility(module: dict[str, Any]) -> dict[str, str]:
    """The criteria in one text, indented as in print, with entities escaped once more than XML asks for."""
    criteria = module.get("eligibilityCriteria", "").replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return {
        "Inclusion_agemin": module.get("minimumAge", "N/A"),
        "Inclusion_agemax": module.get("maximumAge", "N/A"),
        "Inclusion_gender": GENDERS[module["sex"]],
        "Inclusion_Criteria": INDENT + INDENT.join(criteria.splitlines()),
    }


def _lists(protocol: dict[str, Any]) -> dict[str, str]:
    """What WHO joins with `;`, though the items may hold one."""
    outcomes = protocol.get("outcomesModule", {})
    treatments = protocol.get("armsInterventionsModule", {}).get("interventions", ())
    locations = protocol.get("contactsLocationsModule", {}).get("locations", ())
    return {
        "Countries": ";".join(dict.fromkeys(location["country"] for location in locations)),
        "Condition": ";".join(protocol["conditionsModule"]["conditions"]),
        "Intervention": ";".join(f"{one['type'].replace('_', ' ').title()}: {one['name']}" for one in treatments),
        "Primary_outcome": ";".join(one["measure"] for one in outcomes.get("primaryOutcomes", ())),
        "Secondary_outcome": ";".join(one["measure"] for one in outcomes.get("secondaryOutcomes", ())),
        "Secondary_ID": protocol["identificationModule"]["orgStudyIdInfo"]["id"],
    }


def _contacts(module: dict[str, Any]) -> dict[str, str]:
    """Parallel lists: first and last names, numbers and addresses, all joined."""
    people = module.get("centralContacts") or module.get("overallOfficials") or ()
    return {
        "Contact_Firstname": ";".join("" for _ in people),
        "Contact_Lastname": ";".join(one["name"] for one in people),
        "Contact_Email": ";".join(one.get("email", "") for one in people),
        "Contact_Tel": ";".join(one.get("phone", "") for one in people),
        "Contact_Affiliation": ";".join(one.get("affiliation", "") for one in people),
    }
