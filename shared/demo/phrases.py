"""What the people of the demonstration write: task titles and notes.

`{c}` is the company's name, `{p}` the first name of somebody there, `{d}` the deal's name.
"""

from __future__ import annotations

#: (title, body or None, priority)
TASKS: tuple[tuple[str, str | None, str], ...] = (
    ("Call {p} back about the start date", None, "high"),
    ("Send {p} the updated offer", "With the second depot as an option, not as a part of the sum.", "high"),
    ("Book the workshop room at {c}", None, "low"),
    ("Ask {p} for last month's tour data", "CSV is enough: stop, planned time, real time.", "normal"),
    ("Check the {c} interface with our developers", "Their ERP writes one file a stop.", "normal"),
    ("Prepare the demo with {c}'s own addresses", None, "normal"),
    ("Send the data protection form to {p}", None, "normal"),
    ("Thank {p} for the reference call", None, "low"),
    ("Write the summary of the site visit", "Photos are in the project folder.", "normal"),
    ("Clarify who signs at {c}", "{p} can sign up to 25,000 alone.", "high"),
    ("Agree the go-live weekend with {p}", "Not the last weekend of a month: stock-taking.", "normal"),
    ("Chase the signed order form", None, "high"),
    ("Invoice the first milestone of {d}", None, "high"),
    ("Get a quote for twelve scanners", "For the pilot depot of {c} only.", "low"),
    ("Introduce {p} to the support desk", None, "normal"),
    ("Check whether {c} needs the driver app in Polish", None, "low"),
    ("Review the route results with {p}", "Compare week before and week after, same weekdays.", "normal"),
    ("Answer the 34 questions of their purchasing form", None, "normal"),
    ("Find a reference in the industry of {c}", None, "normal"),
    ("Update the forecast of {d}", None, "low"),
    ("Ask legal about clause 9 of {c}'s terms", "Liability for late deliveries is without a limit there.", "high"),
    ("Plan the training days for {c}'s planners", "Two groups, so that somebody is always planning.", "normal"),
    ("Send {p} the hosting options with prices", None, "normal"),
    ("Visit the depot of {c} in the night shift", "Loading starts at half past two.", "normal"),
    ("Return {p}'s call", None, "normal"),
    ("Order the sample labels for {c}", None, "low"),
    ("Collect the planners' wishes after week one", None, "normal"),
    ("Set up the test account for {p}", None, "normal"),
    ("Congratulate {p} on the new warehouse", None, "low"),
    ("Renewal: remind {p} of the notice period", "Six weeks to the end of the quarter.", "normal"),
)

#: Tasks about nobody outside.
OWN_TASKS: tuple[tuple[str, str | None, str], ...] = (
    ("Prepare the pipeline review", "Deals without a next step first.", "normal"),
    ("Update the price list for next year", None, "normal"),
    ("Book the stand for the spring trade fair", "Hall 4 if there is a place, near the entrance.", "low"),
    ("Clean up contacts without an employer", None, "low"),
    ("Write the case study about Tidewater", "Ask Lotte for the two charts.", "normal"),
    ("Talk to Marcus about the forecast method", None, "normal"),
)

NOTES: tuple[str, ...] = (
    "{p} prefers calls before nine; later the depot is too loud.",
    "Met {p} at the fair. They plan {n} tours a day with one spreadsheet and two telephones. Wants to see real numbers "
    "from a company of the same size before anything else.",
    "**Site visit.** Loading dock has four doors, one of them always blocked by returns. {p} says nobody owns that "
    "problem. A booking of doors would help more than shorter routes.",
    "They use an ERP of their own making; one developer, leaves at Christmas. The interface must be agreed before.",
    "Budget year starts in April. Anything above 50,000 goes to the board, which meets every second month.",
    "{p} asked twice about working offline. Drivers have no reception in the valleys.",
    "Works council must agree to anything that shows where a driver is. {p} will bring it to the next meeting.",
    "Reference call with Northgate went well, {p} asked for the figures on fuel afterwards.",
    "Competitor Trackwise has been there last week. {p} thought the map was pretty and the planning slow.",
    "Their planners fear for their jobs. Next time bring somebody who plans with our software every day.",
    "Agreed by e-mail: pilot with {n} vehicles, six weeks, no charge if the kilometres do not go down.",
    "{p} is on leave for three weeks. In the meantime talk to the front desk, they know who stands in.",
    "## Lunch with {p}\n\n- new owner since spring, wants reports every month\n- two depots will become one\n"
    "- the old contract with the carrier ends next summer",
    "Invoices must carry their order number, else they come back after 30 days. Told accounting.",
    "{p} sent the tour data: 11 weeks, {n},000 stops. Addresses are clean, service times are guesses.",
    "Price is not the point, says {p}. The point is that the last project took a year longer than promised.",
    "First results from their data: 9 % fewer kilometres, but two drivers over their hours. Needs another run with "
    "breaks as hard limits.",
    "Called {p}, no answer. Sent the short video instead.",
    "They want the driver app on their own handhelds (five years old). Test one before we promise anything.",
    "{p} confirmed: decision by a committee of four. The transport side is for us, IT is not sure.",
    "Customer service at {c} answers 120 calls a day asking where the lorry is. That alone pays for the tracking page.",
    "Contract runs through a purchasing group. Discount of four per cent is normal there.",
    "{p} moved the workshop by two weeks: stock-taking.",
    "Their night shift loads in the wrong order because the list is sorted by customer number. A print-out in loading "
    "order would be a quick first win.",
    "Interesting: {c} also rents out storage. No system for that at all. A topic for next year.",
    "Spoke with the fleet manager. {n} vehicles, a third of them leased, telematics from two makers.",
    "{p} wants a fixed price. I offered a fixed price for the pilot and days after that.",
    "They had a bad experience with a rollout over all depots at once. We start with one.",
    "Support ticket from last week is solved; {p} was happy with how quickly it went.",
    "Sent the security questionnaire back. Open: where backups are kept and who can read them.",
)
