"""Who appears in the demonstration: the company that keeps this CRM, and the people at its customers.

Everybody is invented. Domains end in `.example`; phone numbers come from the ranges that the regulators of Germany,
the United Kingdom, the United States, Sweden and France keep free for fiction.
"""

from __future__ import annotations

from dataclasses import dataclass

from shared.schemas.accounts import RoleName

WORKSPACE = "Lattice & Lane"
OWN_DOMAIN = "lattice-lane.example"
TIMEZONE = "Europe/Berlin"
CURRENCY = "EUR"

EMAIL = "demo@afterword.example"
PASSWORD = "show-me-the-evidence"  # noqa: S105 (it is printed on the login page)


@dataclass(frozen=True, slots=True)
class Colleague:
    """`key` is how the data refers to them; only the demo login has a password."""

    key: str
    name: str
    email: str
    role: RoleName


COLLEAGUES = (
    Colleague("dana", "Dana Whitlock", EMAIL, "admin"),
    Colleague("marcus", "Marcus Oyelaran", f"marcus@{OWN_DOMAIN}", "manager"),
    Colleague("priya", "Priya Raman", f"priya@{OWN_DOMAIN}", "member"),
    Colleague("tom", "Tom Lindqvist", f"tom@{OWN_DOMAIN}", "viewer"),
)

FIRST_NAMES: dict[str, tuple[str, ...]] = {
    "GB": ("Alison", "Callum", "Fiona", "Gareth", "Imogen", "Nasreen", "Rory", "Shona", "Tariq", "Verity", "Wesley"),
    "DE": ("Anke", "Bernd", "Carla", "Emre", "Friederike", "Jonas", "Katrin", "Lennart", "Sabine", "Uwe", "Yasemin"),
    "US": ("Brandon", "Celeste", "Darnell", "Heidi", "Luis", "Monica", "Terrence", "Whitney"),
    "SE": ("Astrid", "Birger", "Elin", "Gustav", "Linnea", "Oskar", "Sanna"),
    "FR": ("Amandine", "Bastien", "Camille", "Étienne", "Hélène", "Lucie", "Rémi", "Yannick"),
    "NL": ("Anouk", "Bram", "Femke", "Joost", "Maaike", "Ruben", "Sanne"),
    "NO": ("Eirik", "Gunnhild", "Håkon", "Ragnhild", "Sindre"),
}

LAST_NAMES: dict[str, tuple[str, ...]] = {
    "GB": ("Ashdown", "Birtwistle", "Carrick", "Dunmore", "Fairley", "Hussain", "Kirkbride", "Mottram", "Pemberley",
           "Quayle", "Strickland", "Thackray", "Winterburn"),
    "DE": ("Ahlers", "Böttcher", "Dreyer", "Eickhoff", "Gerstner", "Kesselring", "Lohmann", "Özkan", "Petersen",
           "Rademacher", "Sauer", "Tiedemann", "Vogt", "Wiechmann"),
    "US": ("Alvarado", "Beckford", "Castellano", "Dupree", "Hollister", "Kowalczyk", "Nguyen", "Rutherford"),
    "SE": ("Bergqvist", "Dahlin", "Ekström", "Hallberg", "Norling", "Sjögren", "Wallén"),
    "FR": ("Arnoux", "Besson", "Chevallier", "Delcourt", "Fabre", "Gauthier", "Lemoine", "Renaud"),
    "NL": ("de Groot", "van Dalen", "Hoekstra", "Kuipers", "Mulder", "van der Veen", "Zijlstra"),
    "NO": ("Aasen", "Brekke", "Halvorsen", "Nygård", "Tveit"),
}  # fmt: skip

TITLES = (
    "Head of Logistics", "Managing Director", "Warehouse Manager", "IT Lead", "Procurement Manager",
    "Chief Operating Officer", "Transport Planner", "Head of Customer Service", "Finance Director",
    "Supply Chain Analyst", "Depot Manager", "Project Manager", "Head of IT", "Operations Manager",
    "Fleet Manager", "Quality Manager",
)  # fmt: skip

SOURCES = ("Referral", "Trade fair", "Website", "Webinar", "Partner", "Cold call", None)

#: Country -> (format of a land line, format of a mobile), with a number counting from 0; no entry: no phone.
PHONES: dict[str, tuple[str, str | None]] = {
    "GB": ("+44 20 7946 {:04d}", "+44 7700 900{:03d}"),
    "DE": ("+49 30 23125 {:03d}", "+49 171 39200{:02d}"),
    "US": ("+1 202 555 01{:02d}", None),
    "SE": ("+46 8 465 00 4{:02d}", None),
    "FR": ("+33 1 99 00 {:02d} 40", "+33 6 39 98 {:02d} 15"),
}
