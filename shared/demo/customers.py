"""The customers, prospects and partners of the demonstration company, and the people who speak in its meetings."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Customer:
    """An organisation. `domain` lacks its `.example`; `owner` is a colleague's key."""

    name: str
    domain: str
    industry: str
    employees: int
    city: str
    country: str
    owner: str
    about: str


COUNTRIES = {
    "GB": "United Kingdom", "DE": "Germany", "US": "United States", "SE": "Sweden", "FR": "France",
    "NL": "Netherlands", "NO": "Norway",
}  # fmt: skip

CUSTOMERS = (
    Customer("Fjordline Freight", "fjordline-freight", "Road freight", 310, "Bergen", "NO", "priya",
             "Refrigerated and general haulage along the west coast. 140 vehicles, three depots."),
    Customer("Brackwater Foods", "brackwater", "Food distribution", 520, "Manchester", "GB", "priya",
             "Chilled and frozen food to hospitals, schools and restaurants in the north of England."),
    Customer("Kestrel Parcel", "kestrel-parcel", "Parcel delivery", 180, "Leeds", "GB", "dana",
             "Regional next-day parcel network; subcontracts half of its last mile."),
    Customer("Hansa Kühlkost GmbH", "hansa-kuehlkost", "Food distribution", 240, "Hamburg", "DE", "marcus",
             "Tiefkühlgroßhandel mit eigener Flotte, beliefert Gastronomie und Kliniken."),
    Customer("Solway Pharma Supply", "solway-pharma", "Pharmaceutical wholesale", 95, "Carlisle", "GB", "dana",
             "Temperature-controlled deliveries to pharmacies, two rounds a day."),
    Customer("Tidewater Marine Stores", "tidewater-marine", "Ship supply", 130, "Rotterdam", "NL", "marcus",
             "Provisions and spare parts to ships in port; every delivery has a berth and a tide."),
    Customer("Vantage Tooling", "vantage-tooling", "Industrial tools", 75, "Birmingham", "GB", "priya",
             "Wholesale of cutting tools; counter trade and next-morning delivery."),
    Customer("Greyfield Retail Group", "greyfield", "Retail", 1900, "Coventry", "GB", "dana",
             "Home and garden chain with 64 shops and one central warehouse."),
    Customer("Orla Textiles", "orla-textiles", "Textiles", 60, "Malmö", "SE", "priya",
             "Weaves and dyes on its own premises, ships to shops all over Scandinavia."),
    Customer("Mistral Vins & Spiritueux", "mistral-vins", "Beverage wholesale", 110, "Marseille", "FR", "marcus",
             "Wine and spirits to restaurants between Nice and Montpellier."),
    Customer("Rheinbogen Logistik AG", "rheinbogen", "Contract logistics", 880, "Köln", "DE", "marcus",
             "Runs nine warehouses for consumer brands along the Rhine."),
    Customer("Albrecht Baustoffe KG", "albrecht-baustoffe", "Building materials", 210, "Bremen", "DE", "marcus",
             "Building materials by crane lorry; deliveries booked by the hour."),
    Customer("Northgate Dairy Co-operative", "northgate-dairy", "Dairy", 640, "York", "GB", "dana",
             "Collects from 220 farms and delivers to retail depots."),
    Customer("Lumen Office Supplies", "lumen-office", "Office supplies", 85, "Utrecht", "NL", "priya",
             "Same-day delivery of office and cleaning supplies by cargo bike and van."),
    Customer("Sundvall Timber", "sundvall-timber", "Timber", 150, "Sundsvall", "SE", "priya",
             "Sawn timber by lorry and rail; long loads, few slots at customers' yards."),
    Customer("Pinecrest Medical", "pinecrest-medical", "Medical devices", 330, "Columbus", "US", "dana",
             "Rents hospital beds and lifts to homes; delivery and pick-up on the same tour."),
    Customer("Harrow & Finch", "harrow-finch", "Furniture", 140, "Bristol", "GB", "priya",
             "Sofas and beds, two-man delivery with assembly."),
    Customer("Delta Kaffeeröster", "delta-kaffee", "Coffee", 55, "Leipzig", "DE", "dana",
             "Roastery with 900 café customers and its own service technicians."),
    Customer("Bluewing Couriers", "bluewing", "Courier", 70, "London", "GB", "dana",
             "Medical samples and legal documents by bicycle and van."),
    Customer("Castellan Security Print", "castellan-print", "Printing", 45, "Breda", "NL", "marcus",
             "Ballot papers and vouchers; every parcel is signed for."),
    Customer("Moorside Animal Feeds", "moorside-feeds", "Agriculture", 125, "Exeter", "GB", "priya",
             "Bulk and bagged feed to farms; lorries weigh in and out."),
    Customer("Veldkamp Bloemen", "veldkamp-bloemen", "Flowers", 160, "Aalsmeer", "NL", "marcus",
             "Cut flowers from the auction to florists before eight in the morning."),
    Customer("Atelier Fabrègue", "atelier-fabregue", "Kitchens", 38, "Lyon", "FR", "marcus",
             "Fitted kitchens; fitters and lorries must meet on the same day."),
    Customer("Ostsee Bio Handel", "ostsee-bio", "Organic food", 90, "Rostock", "DE", "dana",
             "Organic wholesaler with a box scheme for 6,000 households."),
    Customer("Great Basin Water", "great-basin-water", "Beverages", 260, "Reno", "US", "dana",
             "Water coolers and bottles to offices; 11,000 regular stops."),
    Customer("Holm & Strand Möbler", "holm-strand", "Furniture", 105, "Göteborg", "SE", "priya",
             "Design furniture, white-glove delivery in Sweden and Norway."),
    Customer("Cobalt Chemicals", "cobalt-chemicals", "Chemicals", 410, "Ludwigshafen", "DE", "marcus",
             "Solvents in drums and containers; dangerous-goods papers for every load."),
    Customer("Penrose Library Services", "penrose-library", "Public sector", 300, "Cardiff", "GB", "priya",
             "Moves books between 140 libraries, every night."),
    Customer("Quayside Catering", "quayside-catering", "Catering", 220, "Newcastle", "GB", "priya",
             "School lunches and events; everything must arrive hot."),
    Customer("Tri-County Recycling", "tri-county", "Recycling", 190, "Albany", "US", "dana",
             "Container exchange for building sites and shops."),
    Customer("Zilverpijl Transport", "zilverpijl", "Road freight", 270, "Eindhoven", "NL", "marcus",
             "Part loads between the Benelux and northern Italy."),
    Customer("Kaltwasser Brauerei", "kaltwasser", "Brewery", 135, "Bamberg", "DE", "marcus",
             "Barrels to 700 pubs, empties back on the same tour."),
    Customer("Heron Optical", "heron-optical", "Optics", 65, "Edinburgh", "GB", "dana",
             "Lenses from the laboratory to opticians within a day."),
    Customer("Petit Marché", "petit-marche", "Grocery", 480, "Lille", "FR", "marcus",
             "Thirty neighbourhood shops supplied from one platform."),
    Customer("Saltire Seafood", "saltire-seafood", "Seafood", 115, "Aberdeen", "GB", "dana",
             "Auction to restaurant in fourteen hours, on ice."),
    Customer("Weserland Pflege", "weserland-pflege", "Home care", 420, "Bremen", "DE", "priya",
             "Nurses on tours through five districts; planning by hand today."),
    Customer("Ironbridge Lifts", "ironbridge-lifts", "Lift maintenance", 155, "Telford", "GB", "priya",
             "Eighty technicians, 9,000 lifts, inspections by law."),
    Customer("Norrsken Energi", "norrsken-energi", "Energy services", 230, "Umeå", "SE", "priya",
             "Heat pumps: installation and service in a very large county."),
    Customer("Parcours Conseil", "parcours-conseil", "Consulting", 18, "Paris", "FR", "marcus",
             "Partner: implements our planning software in France."),
    Customer("Deichgraf Systemhaus", "deichgraf", "IT services", 48, "Oldenburg", "DE", "marcus",
             "Partner: warehouse hardware, scanners and networks."),
)  # fmt: skip

#: The first so many are those that meetings are about; they have been known for long.
FEATURED_CUSTOMERS = 11

#: Companies that work with us rather than buy from us.
PARTNERS = ("Parcours Conseil", "Deichgraf Systemhaus")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is in the CRM already when they speak in a meeting."""

    first_name: str
    last_name: str
    company: str
    title: str
    mailbox: str
    lifecycle: str


PEOPLE = (
    Person("Graham", "Pelling", "Brackwater Foods", "Operations Director", "g.pelling", "opportunity"),
    Person("Ruth", "Okafor", "Brackwater Foods", "Transport Manager", "r.okafor", "opportunity"),
    Person("Wim", "Terpstra", "Tidewater Marine Stores", "Managing Director", "w.terpstra", "customer"),
    Person("Lotte", "Brandsma", "Tidewater Marine Stores", "Head of Planning", "l.brandsma", "customer"),
    Person("Colin", "Hargreave", "Vantage Tooling", "Managing Director", "colin", "former"),
    Person("Siobhan", "Keane", "Greyfield Retail Group", "Head of Supply Chain", "siobhan.keane", "opportunity"),
    Person("Maj", "Lindell", "Orla Textiles", "Logistics Coordinator", "maj", "qualified"),
    Person("Pascal", "Rouvier", "Mistral Vins & Spiritueux", "Directeur logistique", "p.rouvier", "qualified"),
    Person("Henrike", "Lüders", "Hansa Kühlkost GmbH", "Leiterin Disposition", "h.lueders", "lead"),
    Person("Joanne", "Whitaker", "Northgate Dairy Co-operative", "Distribution Manager", "j.whitaker", "customer"),
    Person("Thomas", "Rehbein", "Rheinbogen Logistik AG", "Bereichsleiter IT", "thomas.rehbein", "opportunity"),
    Person("Odile", "Marchetti", "Parcours Conseil", "Associée", "odile", "partner"),
)
