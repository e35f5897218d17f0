"""Operations: what is going on.

Owns       incidents and shifts, in a log of its own; of all else one view of what the others told, and the pages that
           show it. Nobody depends on it.
Publishes  how incidents stand, and which shift was handed over; never what anybody wrote.
Consumes   accreditation, access, notifications: all three into the view ``live``, a reader and a cursor each.

    views/live.py      what was told, divided among the files of the folder, and notices: events to rows
    views/people.py    who may come: events to rows
    views/venue.py     zones, gates, and what is in force there: events to rows
    views/scans.py     scans: events to rows; views/presence.py: who is inside, and who was
    views/history.py   what was told and when, for the past
    picture.py         rows to the picture, part by part (parts/): no person and no badge in it
    asking.py          what no event tells: are the others ready, how quick are gates, whose heart beats
    tiers.py           who is shown what of it
    hub.py             one picture for all who watch; channel.py: a snapshot first, then what changed, tier by tier
    past.py            the picture as it was: the view's tables restored, the same parts drawn of them
    http.py            /v1/live, /v1/snapshot
    timeline.py        what stood out in the day; zone_history.py: one zone through it; each has its _http.py
    whereabouts.py     rows to where people are and have been, by id; people_http.py asks, looks.py records that it did
    shift.py           who is on duty, from our own log; open_items.py is what a shift hands over, shift_http.py asks
    printing.py        incident reports, laid out by a process of its own (report/); report_http.py sends them
    signing_in/        how a person becomes a session in a browser
    via.py             what pages ask of other services, passed on as the person who asks
    record.py          how far every log is and who has read it, of all services: /v1/record
    domain/            incidents and their escalation clock, shifts: pure
    incidents.py       obeys commands about incidents; incidents_http.py asks it, views/incidents.py shows them
    ruling/            what moves incidents by itself: rules over events, a watch, the escalation clock
    dashboard.py       the pages: what web/ was built into

Dilemma: the picture is as true as its sources are near. A number is shown as long as it may be right; when a source has
not been heard of, the page says since when, rather than hide what was last known.
"""
