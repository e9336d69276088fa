"""English words and what they mean: `kind:value` → phrases, separated by commas. The longest phrase wins.

A phrase may stand under several meanings; the grammar takes the one that fits. `stop` words carry nothing.
"""

from __future__ import annotations

WORDS: dict[str, str] = {
    # ------------------------------------------------------------------------------------------- what is asked about
    "noun:deal": "deal, deals, opportunity, opportunities, opp, opps, sales deal, sales deals, deal record",
    "noun:company": (
        "company, companies, account, accounts, client, clients, organisation, organisations, organization, "
        "organizations, firm, firms, business, businesses, customer company, customer companies, customer account, "
        "customer accounts, org, orgs, employer, vendor, vendors"
    ),
    "noun:contact": (
        "contact, contacts, contact person, contact persons, contact people, person, persons, people, individuals, "
        "stakeholder, stakeholders"
    ),
    "noun:task": (
        "task, tasks, to do, to dos, todo, todos, to do list, todo list, task list, action item, action items, "
        "reminder, reminders, follow up, follow ups, followup, followups, chore, chores, follow up task, "
        "follow up tasks"
    ),
    "noun:note": "note, notes, memo, memos",
    "noun:meeting": (
        "meeting, meetings, call, calls, appointment, appointments, conversation, conversations, recording, "
        "recordings, transcript, transcripts, demo call, demo calls, phone call, phone calls, video call, video calls"
    ),
    "noun:user": (
        "user, users, rep, reps, sales rep, sales reps, salesperson, salespeople, sales person, sales people, "
        "colleague, colleagues, team member, team members, account manager, account managers, account executive, "
        "account executives, teammate, teammates, seller, sellers, employee of ours, coworker, coworkers"
    ),
    "noun:pipeline": "pipelines, sales pipelines",
    "noun:insight": "insight, insights, finding, findings",
    "noun:insight/objection": "objection, objections, pushback, reservation, reservations",
    "noun:insight/competitor": "competitor, competitors, competition, rival, rivals, competing vendor, competing vendors",
    "noun:insight/decision": "decision, decisions",
    "noun:insight/pain_point": "pain point, pain points, pain, pains, painpoint, painpoints",
    "noun:insight/requirement": "requirement, requirements, must have, must haves, customer requirements",
    "noun:insight/sentiment": "sentiment, sentiments",
    "noun:insight/next_meeting": "agreed next meeting, agreed next meetings",
    "noun:insight/summary": "meeting summary, meeting summaries",
    "noun:insight/action_item": "commitment, commitments",
    "noun:contact/customer": "customer, customers, existing customer, existing customers, customer contact, "
    "customer contacts, paying customer, paying customers",
    "noun:contact/lead": "lead, leads, sales lead, sales leads, prospect, prospects",
    "noun:contact/partner": "partner, partners, partner contact, partner contacts",
    "noun:contact/former": "former customer, former customers, ex customer, ex customers, past customers, churned "
    "customers",
    "noun:contact/qualified": "qualified lead, qualified leads, qualified contact, qualified contacts, sql, sqls, mql, mqls",
    # --------------------------------------------------------------------------------------------------- what is true
    "state:open": "open, active, ongoing, in progress, outstanding, unfinished, not closed, not yet closed, pending, "
    "incomplete, still open, live, undone, in play, not done, not finished, not completed, unresolved, current",
    "state:won": "won, closed won, closed as won, successful",
    "state:lost": "lost, closed lost, closed as lost, unsuccessful",
    "state:closed": "closed",
    "state:done": "done, completed, finished, complete, ticked off, checked off",
    "state:overdue": "overdue, past due, past their due date, past its due date, late, delayed, behind schedule, "
    "past their close date, past its close date, past the close date, past due date, past their expected close date, "
    "past the expected close date, slipped, past close date",
    "state:high": "high priority, urgent, high prio, top priority, important, priority high, of high priority",
    "state:normal": "normal priority, medium priority, priority normal",
    "state:low": "low priority, low prio, priority low, unimportant",
    "state:unassigned": "unassigned, unowned, ownerless, not assigned, not assigned to anyone, not assigned to anybody, "
    "assigned to nobody, assigned to no one, not owned by anyone, belong to nobody, nobody owns, no one owns",
    "state:stale": "stale, stalled, stuck, inactive, dormant, cold, neglected, idle, gone quiet, gone cold, going cold",
    "state:ready": "analysed, analyzed",
    "state:failed": "failed, failed analysis, failed to analyse, failed to analyze, could not be analysed",
    "state:queued": "queued, being analysed, being analyzed, waiting for analysis",
    "state:customer": "lifecycle customer, lifecycle stage customer",
    "state:lead": "lifecycle lead, lifecycle stage lead",
    "state:partner": "lifecycle partner",
    "state:qualified": "qualified, lifecycle qualified",
    "state:former": "former, lifecycle former",
    "state:opportunity": "lifecycle opportunity, lifecycle stage opportunity, opportunity stage",
    "state:admin": "admin, admins, administrator, administrators",
    "state:viewer": "viewer, viewers, read only",
    # --------------------------------------------------------------------------------------------------------- fields
    "field:name": "name, names",
    "field:amount": "amount, amounts, value, values, deal value, deal size, size, worth, volume, price, revenue, sum, "
    "money, deal amount, deal volume, deal values, deal amounts, contract value, cost, costs, dollar value, budget",
    "field:weighted": "weighted amount, weighted value",
    "field:probability": "probability, likelihood, chance, chances, odds, win probability, closing probability, "
    "probability of closing, likelihood of closing, chance of closing",
    "field:currency": "currency, currencies",
    "field:stage": "stage, stages, deal stage, deal stages, pipeline stage, pipeline stages, sales stage, phase, step",
    "field:state": "status, state, outcome, open or closed, won or lost",
    "field:close_date": "close date, closing date, expected close, expected close date, close dates, closing dates, "
    "expected closing date, target date, expected to close, expected closing, planned close date",
    "field:closed_at": "closed date, date closed, date won, date lost, actual close date",
    "field:lost_reason": "lost reason, loss reason, reason lost, reason for losing, reasons for losing, lost reasons, "
    "loss reasons, reason for loss, reason for the loss, reasons lost, reason why we lost, reason it was lost, "
    "reasons deals were lost, reason we lost, reasons we lost, reason for loosing, reasons why we lost",
    "field:age": "age, deal age, days old, old",
    "field:cycle": "sales cycle, cycle, cycle time, days to close, time to close",
    "field:in_stage": "days in stage, time in stage, days in its stage, days in their stage, time in its stage",
    "field:stale": "stale days, days stale, days without activity, days of inactivity, inactivity",
    "field:last_activity": "last activity, latest activity, last touched, last touch, most recent activity, last "
    "activity date",
    "field:last_meeting": "last meeting date, date of the last meeting, last met, most recent meeting date",
    "field:last_contact": "last contact, last contact date, last contacted, latest contact, most recent contact, last "
    "interaction, last touchpoint, last contacted date, last time contacted, date of last contact, last conversation",
    "field:email": "email, emails, e mail, e mails, email address, email addresses, e mail address, e mail addresses, "
    "mail, mail address, mail addresses",
    "field:phone": "phone, phone number, phone numbers, telephone, telephone number, telephone numbers, number to call, "
    "mobile, mobile number, cell, cell phone, phones, tel, cell number, direct line",
    "field:title": "job title, job titles, title, titles, job, position, positions, job position, role, roles, "
    "function, job role",
    "field:lifecycle": "lifecycle, lifecycle stage, lifecycle stages, life cycle, life cycle stage, contact status, "
    "contact stage",
    "field:source": "source, sources, lead source, lead sources, origin, channel, channels, acquisition channel",
    "field:company": "company, companies, employer, account, customer, client, organisation, organization",
    "field:contact": "contact, contact person, contacts",
    "field:owner": "owner, owners, deal owner, deal owners, account owner, owned by whom, rep, sales rep, salesperson, "
    "seller, task owner, contact owner, company owner, team member, colleague, user, person responsible, "
    "responsible person",
    "field:assignee": "assignee, assignees, assigned to whom",
    "field:author": "author, authors, writer",
    "field:domain": "domain, web domain, email domain, domains",
    "field:website": "website, web site, homepage, site, web address, url, webpage, web page",
    "field:industry": "industry, industries, sector, sectors, branch, vertical, verticals, line of business, "
    "kind of business, trade, field of business",
    "field:employees": "employees, employee count, headcount, staff, workers, number of employees, number of staff, "
    "company size, people employed, size of the company, employee, workforce, team size, employee number, "
    "amount of employees, count of employees",
    "field:address": "address, addresses, postal address, street address, mailing address, street",
    "field:postcode": "postcode, post code, zip, zip code, postal code, zipcode",
    "field:city": "city, cities, town, towns",
    "field:region": "region, regions, province, federal state, county",
    "field:country": "country, countries, nation, nations",
    "field:place": "location, locations, headquarters, headquarter, hq, head office, place, whereabouts",
    "field:details": "contact details, contact data, contact info, contact information, details, coordinates",
    "field:due": "due date, due dates, deadline, deadlines, due day",
    "field:priority": "priority, priorities, prio, urgency",
    "field:promised_by": "promised by",
    "field:date": "date, dates, day, when",
    "field:duration": "duration, length, durations, meeting length, call length",
    "field:language": "language, languages",
    "field:kind": "kind, kinds, type, types",
    "field:created": "creation date, created date, date created, created at, date added, creation",
    "field:updated": "last change, last changed, last modified, last updated, last update, modification date",
    "field:first_name": "first name, given name, forename",
    "field:last_name": "last name, surname, family name",
    "field:open_deals": "open deals count, number of open deals",
    # -------------------------------------------------------------------------------------------------------- metrics
    "metric:open_pipeline": "pipeline, open pipeline, sales pipeline, pipeline value, pipeline volume, pipeline amount, "
    "total pipeline, pipeline total, value of the pipeline, value of our pipeline, size of the pipeline, size of our "
    "pipeline, value in the pipeline, open pipeline value, funnel, sales funnel, pipeline worth, pipeline size, "
    "overall pipeline, current pipeline, entire pipeline, whole pipeline, money in the pipeline",
    "metric:weighted_pipeline": "weighted pipeline, forecast, weighted pipeline value, weighted forecast, weighted "
    "value of the pipeline, sales forecast, revenue forecast, expected revenue, probability weighted pipeline, "
    "weighted open pipeline, risk adjusted pipeline, weighted value of our pipeline, forecasted revenue, "
    "weighted value of open deals, weighted amount of open deals, pipeline forecast, weighted total",
    "metric:win_rate": "win rate, winrate, win ratio, hit rate, close rate, closing rate, success rate, win percentage, "
    "win loss ratio, conversion rate, percentage of deals won, percentage of deals do we win, share of deals won, "
    "percent of deals won, percentage of deals we win, winning rate, win rates, percentage of our deals do we win, "
    "percent of deals do we win, percentage of won deals",
    "metric:average_cycle_days": "average sales cycle, average cycle, average deal cycle, average time to close, "
    "sales cycle length, average cycle time, average days to close, mean sales cycle, average length of the sales "
    "cycle, average sales cycle length, sales cycle, cycle time, average cycle length, average cycle days, "
    "average number of days to close, average time to win, average time to win a deal, average time to close a deal",
    "metric:average_deal": "average deal size, average deal value, average deal, mean deal size, average deal amount, "
    "avg deal size, typical deal size, average deal volume, mean deal value, avg deal value, avg deal, average size "
    "of deals, average size of our deals, average size of a deal, average contract value, average order value, "
    "average size of deal, average size of the deals, average ticket size",
    "metric:average_stale_days": "average stale days, average staleness, average inactivity, average days without "
    "activity, average days since last activity",
    "metric:won_amount": "won revenue, won amount, won value, closed revenue, closed won revenue, closed won amount, "
    "revenue won, sales volume, sales, revenue, turnover, bookings, total won, won volume, won business, "
    "value of won deals, closed won value, total revenue, total sales, income",
    "metric:lost_amount": "lost revenue, lost amount, lost value, lost volume, value of lost deals, lost business, "
    "revenue lost, total lost",
    "metric:total_duration_s": "total meeting time, meeting time, time in meetings, total time in meetings, hours in "
    "meetings, time spent in meetings, hours of meetings, minutes of meetings, meeting hours, total call time, "
    "hours did we spend in meetings, total duration of meetings, total duration of our meetings, total length of "
    "meetings, talk time, total meeting duration, time on calls, hours spent in meetings",
    # ----------------------------------------------------------------------------------------------------- what to do
    "ask:how_many": "how many, number of, count, the number of, count of, total number of, how may, amount of deals, "
    "total count, quantity of, the total number of, overall number of, how manny, count up, tally, no of, nr of, "
    "number, total count of, the count of",
    "ask:how_much": "how much, how much money, how large, how big, how much is",
    "ask:how_long": "how long, how many days, how many weeks, how old, for how long, since when",
    "ask:list": "list, show, show me, give me, display, find, get, get me, find me, fetch, pull up, bring up, list all, "
    "show all, print, look up, lookup, search for, search, i need, i want, i want to see, i would like to see, tell me, "
    "can you show me, let me see, enumerate, name, what are, open up, view, see, overview of, list of, a list of, "
    "an overview of, can you list, give me a list of, output",
    "ask:who": "who, whom",
    "ask:whose": "whose",
    "ask:when": "when, what date, on what date, which date, what day, on which day, which day, on which date, at what "
    "time, at what date, by when, when exactly, what is the date, what time",
    "ask:where": "where, in which city, in what city, in which country, in what country, which city is, what city is, "
    "which country is, what country is",
    "ask:what": "what, what is, what kind of, what kinds of, what sort of, whats",
    "ask:which": "which, which of",
    "ask:why": "why, how come, for what reason, what is the reason, what was the reason, reason why, the reason, "
    "reasons, reason, what made us, what caused",
    "ask:how": "how",
    "ask:is": "is, are, was, were, do, does, did, has, have, had, can, could, am, will, would, should",
    "ask:exists": "is there, are there, do we have, do i have, have we got, does there exist, is there any, are there "
    "any, do we have any, do i have any, any, were there, were there any, was there, was there any, did we have, "
    "did we have any, have i got, do we already have",
    "ask:worth": "worth, valued at, valued",
    "agg:total": "total, totals, in total, altogether, overall, all in all, all together",
    "agg:sum": "sum of, sum, combined, summed, add up, adds up to, total sum, total sum of, grand total, sum up, "
    "cumulative, aggregate, total value, total amount, total worth, total volume, combined value, combined worth, "
    "overall value, total value of, the sum of, sum total, total deal value, total deal volume, total deal amount, "
    "aggregated, overall volume, overall amount, combined amount, total combined, total size, sum of the amounts, "
    "sum of amounts, sum of the values, total of, the total of, total money, overall worth, combined total, "
    "aggregate value, total contract value, added up",
    "agg:avg": "average, mean, avg, on average, averaged, typical, average value, average amount, average of, "
    "the average, average size, mean value, mean amount, mean size, avg amount, avg value, avg size, average volume",
    "agg:max": "maximum, max, highest value of",
    "agg:min": "minimum, min",
    # --------------------------------------------------------------------------------------------------- superlatives
    "sup:most": "biggest, largest, highest, most valuable, most expensive, greatest, top, best, highest value, "
    "highest valued, largest value, most lucrative, priciest, top ranked, huge, highest amount, big, most worth, "
    "highest paying, major, by far the biggest, largest amount, high value, fattest, heaviest, main",
    "sup:least": "smallest, lowest, least valuable, cheapest, lowest value, tiniest, least expensive, smallest value, "
    "lowest amount, smallest amount",
    "sup:count_most": "most, the most, highest number of, largest number of, greatest number of, maximum number of, "
    "biggest number of, most of the, the highest number of, the largest number of, the highest count of",
    "sup:count_least": "fewest, the fewest, lowest number of, smallest number of, least, the least, minimum number of",
    "sup:newest": "newest, latest, most recent, last, most recently, recent, recently, lately, newly, most recently "
    "added, most recently created, last added, last created, last few, most recent few, freshest, very last, "
    "latest few",
    "sup:oldest": "oldest, earliest, first, longest open, very first, most old",
    "sup:soonest": "next, soonest, upcoming, coming up, nearest, next up, most imminent, coming, closing soonest, "
    "closest to closing, due soonest, due next, closing next",
    "sup:longest": "longest, lengthiest, longest running",
    "sup:shortest": "shortest, briefest, quickest, fastest",
    "sup:likeliest": "most likely, likeliest, highest probability, most probable, best chance, best chances, most "
    "promising, highest likelihood, most likely to close",
    "sup:unlikeliest": "least likely, lowest probability, most unlikely, least probable",
    "dir:desc": "descending, desc, highest first, largest first, biggest first, newest first, latest first, most recent "
    "first, from high to low, high to low, in descending order, reverse, reversed",
    "dir:asc": "ascending, asc, lowest first, smallest first, oldest first, earliest first, from low to high, low to "
    "high, in ascending order, alphabetically",
    "order:order": "sort by, sorted by, order by, ordered by, rank by, ranked by, sort them by, sort it by, sort, "
    "ordered, sorted, in order of, ranked, arranged by, sort these by, sort those by, order them by",
    "group:group": "per, for each, for every, grouped by, group by, broken down by, break down by, split by, by each, "
    "each, every, broken out by, breakdown by, divided by, breakdown per, breakdown of, segmented by, split per, "
    "in each, at each, across, break it down by, group them by, across all, split up by, distribution by, "
    "distributed by, distributed over, distributed across, distribution over, sorted into, for the different, per each",
    # ---------------------------------------------------------------------------------------------------- comparisons
    "cmp:gt": "over, more than, above, greater than, bigger than, larger than, higher than, exceeding, exceeds, "
    "exceed, upwards of, in excess of, beyond, longer than, older than, >, north of, bigger, larger, worth over, "
    "worth more than, valued over, valued above, valued at over, valued at more than, worth above, later than, "
    "larger in value than, higher in value than",
    "cmp:gte": "at least, minimum of, no less than, not less than, >=, from at least, min, starting at, starting from, "
    "≥, a minimum of, equal to or more than, no fewer than, worth at least",
    "cmp:lt": "under, less than, below, smaller than, lower than, fewer than, cheaper than, <, shorter than, beneath, "
    "younger than, worth less than, worth under, short of, valued under, valued below, worth below, newer than",
    "cmp:lte": "at most, up to, no more than, not more than, maximum of, <=, max, not over, a maximum of, ≤, "
    "equal to or less than, worth at most, not above",
    "cmp:eq": "exactly, equal to, equals, =, precisely",
    "cmp:between": "between, in between, ranging from, in the range of",
    "cmp:ormore": "or more, or above, or higher, and above, plus, or over, or greater, and up, or bigger, and more, "
    "and over, or larger, upwards, or longer",
    "cmp:orless": "or less, or fewer, or below, or under, or lower, and below, or smaller, or shorter",
    # ------------------------------------------------------------------------------------------------ not, me, this
    "neg:neg": "not, no, without, never, none, neither, nor, lack, lacks, lacking, missing, miss, misses, not any, "
    "not a, not an, not yet, no longer, not had any, not been, without any, without a, without an, nobody, no one, "
    "nothing, not had a, not have any, not have a, not have an, with no, without having, where no, where there is no, "
    "absence of, devoid of, zero, excluding, except, except for, other than, apart from, outside, outside of, minus, "
    "not in, not from, not at, besides",
    "me:me": "my, mine, i, me, myself, my own, assigned to me, owned by me, for me",
    "our:our": "our, we, us, ours, ourselves, the team, our team, everyone, everybody, anyone, anybody, someone, "
    "somebody, people here",
    "deictic:this": "this, that, these, those",
    "deictic:it": "it, its, itself",
    "deictic:person": "he, she, his, her, him, hers",
    "deictic:them": "they, them, their, theirs",
    "deictic:here": "here, this page, this one, on this page, this record",
    # ----------------------------------------------------------------------------------------------- what has happened
    "verb:created": "created, added, new, entered, registered, opened, started, came in, come in, create, create "
    "date, brand new, logged, recorded, set up, appeared, captured, joined, made, generated, newly created, newly "
    "added, were created, was created, get created, got created, arrived, arrive, got in",
    "verb:closed": "closed, close, closed out, concluded",
    "verb:closing": "closing, close, closes, due to close, expected to close, set to close, supposed to close, "
    "will close, should close, are closing, is closing, scheduled to close, planned to close, forecast to close, "
    "to close, going to close, expected, expect to close, expected close, expected close date, close date, "
    "closing date, can close, could close, might close, be closed, forecasted",
    "verb:won": "win, wins, winning, did we win, we won, signed, landed, sold, sell",
    "verb:lost": "lose, loses, losing, we lost, did we lose, loose",
    "verb:due": "due, fall due, falls due, coming due, to be done, to be completed, must be done, have to be done, "
    "need to be done, needs to be done, is due, are due, due by, due on, expire, expires, expiring, to do by",
    "verb:done": "finish, complete, did, completed, get done, got done, finished, accomplish, accomplished, tick off, "
    "get completed",
    "verb:updated": "updated, changed, modified, edited, touched last, change, update, altered, revised",
    "verb:moved": "moved, move, advanced, progressed, changed stage, changed stages, switched stage, entered its stage, "
    "moved stage, changed their stage, moved forward, entered their stage",
    "verb:activity": "activity, any activity, activities, touched, had activity, been touched, touch, been active, "
    "seen activity, been updated, had any activity, movement, worked on, engagement",
    "verb:contact": "talk to, talked to, talk with, talked with, speak to, speak with, spoke to, spoke with, spoken to, "
    "spoken with, contacted, contact, been contacted, reach out, reached out, reach out to, reached out to, reached, "
    "heard from, hear from, in touch, in touch with, been in touch with, touch base with, touched base with, "
    "get in touch with, got in touch with, talk, talked, speak, spoke, spoken, interacted with, interact with, "
    "interaction, communicated with, followed up with, follow up with, follow up on, chased, hear of, conversed with, "
    "dealt with, connected with, connect with, had contact with, have contact with, contact with, any contact with, "
    "had contact, any contact, talking to, talking with, speaking to, speaking with, engaged with, engage with, "
    "touchpoint, touchpoints, interactions, called, phoned, rang, catch up with, caught up with, spoke last",
    "verb:met": "meet, met, meet with, met with, been met, sat down with, sit down with, saw, "
    "see each other, had a meeting with, had a call with, have a meeting with, had meetings with, seen",
    "verb:attend": "attended, attend, attending, took part, take part, took part in, participated, participated in, "
    "joined, present at, was at, were at, were in, was in, present in, participants, attendees, participant, attendee, "
    "participants in, attendees of, participants of, in attendance, been in, was present, were present, involved, "
    "involved in, was involved, part of",
    "verb:own": "owns, own, owned, owned by, owning, responsible for, in charge of, responsible, in charge, handles, "
    "handle, handling, manages, manage, looks after, look after, looking after, works on, working on, work on, "
    "belongs to, belong to, belonging to, assigned to, assigned, held by, runs, run, running, managed by, handled by, "
    "taking care of, takes care of, take care of, covers, covering, account manager for, owner of, the owner of, "
    "account manager of, account owner of, account owner for, led by, leads the, accountable for, on the hook for, "
    "rep for, dealing with, have ownership of",
    "verb:write": "wrote, written by, written, write, authored by, authored, took, taken by, taken, noted by, left by",
    "verb:promise": "promised by, promise, promised, committed to, agreed to do, owe, owes, owed",
    "verb:work_at": "work at, works at, work for, works for, working at, working for, employed at, employed by, is "
    "with, are with, work in, works in, employ, employs, working with, work with, works with, work, works, employed",
    "verb:located": "based, located, situated, headquartered, are from, come from, comes from, live, lives, sit, "
    "sits, reside, domiciled, based out of",
    "verb:know": "know, know at, do we know, know about, have on file, have on record, have on",
    "verb:have": "have, has, had, having, with, got, hold, holds, contain, contains, own any, carry",
    "verb:raise": "raised, raise, brought up, bring up, come up, came up, comes up, voiced, named, mentioned, "
    "mention, mentions, expressed, express, identified, were raised, has raised, reported, made, found, heard, "
    "gave, given, cited, list, listed, been raised, been mentioned, taken, made, noted, stated, uncovered, surfaced, "
    "collected, agreed, reached, name",
    "verb:call": "called, named, titled, by the name of, with the name, with name, whose name is, name is",
    "verb:exist": "exist, exists, existing, on record, on file, in the crm, in the system, in the database, in crm, "
    "in afterword, in our crm, in our system, in our database, in total, at the moment, right now, currently, "
    "as of now, now, so far, already, still, at present, presently, to date, all together, at all, of all, "
    "ever, all time, overall, anymore, any more, as of today, these days",
    "verb:refer": "about, regarding, concerning, re, on the topic of, related to, linked to, attached to, connected "
    "to, associated with, tied to, relating to, containing, that contain, contains, including the word, mentioning, "
    "mention, mentions, that mention, on the subject of, with the word, with the words, around, matching, dealing with",
    "today:agenda": "what should i do today, what do i have to do today, what is on my plate, what is on my plate today, "
    "what is on my agenda, what is on my agenda today, what do i need to do today, my agenda, my day, what is on "
    "today, what is up today, what is next for me, what should i work on, what should i work on today, what should i do "
    "next, what should i do, what do i have today, what is my day like, what needs my attention, what needs my "
    "attention today, what do i have to do, what do i need to do, my agenda for today, my agenda today, what have i "
    "got to do today, what is due for me today, my plate, plan my day, what should i focus on today, what should i "
    "focus on, what is on for today, what is on my list today, what is on my list, my to do list for today, what is "
    "there to do today, what must i do today",
    "news:news": "anything new, what is new, what happened, any news, what has happened, what changed, whats new, "
    "what is going on, what has changed, what went on, anything happen, anything happened, did anything happen, "
    "what have i missed, what did i miss, catch me up, news, recent activity, latest activity, what is happening",
    # ------------------------------------------------------------------------------------------------------ free text
    "text:said": "say, said, says, saying, tell, told, explain, explained, discuss, discussed, discussing, discussion, "
    "talk about, talked about, talking about, speak about, spoke about, spoken about, think, thinks, thought, feel, "
    "feels, felt, feeling, complain, complained, complains, complaining, complaint, complaints, worried, worry, "
    "worries, worry about, concern, concerns, concerned, unhappy, happy, ask, asked, asks, asking, ask for, asked for, "
    "want, wants, wanted, need, needs, needed, agree, agree on, agreed on, agree to, promise, promised, decide, "
    "decided, decide on, mind, opinion, view on, opinions, like, dislike, dislikes, hate, suggest, suggested, propose, "
    "proposed, offer, offered, argue, argued, claim, claimed, describe, described, answer, answered, reply, replied, "
    "object, objected, object to, objected to, respond, responded, react, reacted, reaction, mean, meant, expect, "
    "expects, care about, matters, matter, matter to, wish, wishes, request, requested, requests, warn, warned, "
    "insist, insisted, quote, quoted, learn, learned, learnt, remember, feedback, context, background, takeaway, "
    "takeaways, key points, topics, topic, issue, issues, problem, problems, challenge, challenges, reasons for, "
    "next steps, next step, arguments, questions, question, criticism, position on, stance, negotiate, negotiated, "
    "conclude, outcome of, result of, bothers, bother, bothering, struggle with, struggling with, struggles, blocking, "
    "blocker, blockers, holding up, risk, risks, plan to, plans to, use, uses, using, prefer, prefers, preferred, "
    "look for, looking for, interested in, hoping, hope, hopes, strategy, terms, conditions, commit, commit to, "
    "committed, describes, explains, stand, stands, stand with, stand on, going, go, went, doing, deal with, "
    "compare, compared, believe, believes, love, loves, try, tried, fear, fears, afraid, hesitate, hesitant, "
    "hesitating, hold back, holding back, convince, convinced, satisfied, dissatisfied, impressed, help, helps",
    "summary:summary": "summarise, summarize, summary, summary of, sum up, recap, recap of, brief me, brief me on, "
    "briefing, give me a summary, tell me about, tell me more about, tell me more, tell me something about, tell me "
    "everything about, overview, what do we know about, what do you know about, what is known about, fill me in, "
    "fill me in on, bring me up to speed, bring me up to speed on, status of the, story, story of, story behind, "
    "history of, history with, what is the story, what is going on with, what is happening with, how is it going with, "
    "how are things with, prepare me for, tldr, background on, background of, what is the latest on, what is the "
    "latest with, latest on, update me on, update on, catch me up on, what happened with, what is the state of, "
    "give me background on, what is up with, prep for, prep me for, synopsis, synopsis of, digest, digest of, gist, "
    "gist of, what happened in, what was discussed in, what was said in, what did we discuss in, key points of, "
    "highlights of, minutes of, profile of, info on, information on, information about, info about, anything about, "
    "everything about, all about, more about, tell me all about, what about the history of, how is, how did, how was, "
    "how does, details about, details on, details of, where do we stand with, where do we stand on, where are we with",
    "draft:draft": "write an email, draft an email, compose an email, write a mail, draft a reply",
    "smalltalk:smalltalk": "hello, hi, hey, good morning, good evening, good afternoon, thank you, thanks, thx, bye, "
    "goodbye, how are you, who are you, what can you do, what are you, help me, cheers, good night, ok, okay, cool, "
    "great, nice, well done, what can i ask, what can i ask you, how do you work, are you there, yo, test, ping",
    # --------------------------------------------------------------------------------------------------------- units
    "unit:day": "daily, by day, per day, each day, every day, day by day, for each day",
    "unit:week": "weekly, by week, per week, each week, every week, week by week, for each week, by calendar week",
    "unit:month": "monthly, by month, per month, each month, every month, month by month, for each month, by months, "
    "by calendar month, by close month, by closing month, by expected close month, monthwise",
    "unit:quarter": "quarterly, by quarter, per quarter, each quarter, every quarter, quarter by quarter, for each "
    "quarter, by quarters",
    "unit:year": "yearly, by year, per year, each year, every year, year by year, annually, for each year, annual",
    # --------------------------------------------------------------------------------------------------------- links
    "link:of": "of, 's",
    "link:at": "at",
    "link:in": "in, within, inside, into, throughout, during",
    "link:from": "from, out of",
    "link:for": "for, to, towards, toward",
    "link:by": "by, according to",
    "link:with": "with, having",
    "link:on": "on, upon, onto",
    "link:and": "and, &, as well as, plus, also, along with, together with",
    "link:or": "or",
    "link:but": "but, yet, though, although, while",
    "link:that": "that, which, who, whose, where, which are, that are, who are, which have, that have, who have, whom",
    "link:as": "as, than, then",
    "stop:stop": (
        "a, an, the, be, been, being, please, pls, plz, just, only, all, any, some, there, so, very, really, kindly, "
        "quick, quickly, actually, exactly, currently, me, us, do, does, did, is, are, was, were, am, can, could, "
        "would, will, should, shall, may, might, must, have to, has to, it is, and so, hey there, you, your, "
        "yours, let us, want to know, i want to know, would like, would like to know, i would like to know, do you "
        "know, can you tell me, could you tell me, can you, could you, would you, know, tell, give, i need to know, "
        "more, other, others, another, else, both, same, such, each other, too, even, ever, again, back, up, down, "
        "out, off, complete list, entire, whole, total list, one, ones, stuff, things, thing, items, item, "
        "entry, entries, record, records, following, respective, different, various, several, few, a few, many, much, "
        "lot, lots, a lot of, lots of, currently have, to see, see, if, whether, well, um, uh, hmm, oh, now, "
        "afterword, crm, system, database, data, per se, respectively, in terms of, terms of, number, overall, "
        "currently open, kind, sort, out there, as far as, far, long, get, gets, got, getting, bit, a bit, single, specific, particular, certain, given, available, possible, want to, wants, "
        "wondering, i am wondering, i wonder, curious, i am curious, remind me, me a, 's, what, quite, "
        "together, regardless, regardless of, maybe, perhaps, who all, what all, all of, any of, some of, most of, "
        "each of, one of, none of, you have, altogether, all the, every single, total of, in all, of them, of these, "
        "of those, of us, of ours, of our, i have, we have, do we, did we, have we, are we, were we, had we"
    ),
}
