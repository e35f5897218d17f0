"""Operations: what is going on.

Owns       nothing that happened: one view of what the others told, and the pages that show it. Nobody depends on it.
Publishes  nothing.
Consumes   accreditation, access, notifications: all three into the view ``live``, a reader and a cursor each.

    views/live.py      who may come, and notices: events to rows
    views/venue.py     zones, gates, and what is in force there: events to rows
    views/scans.py     scans and who is inside: events to rows
    picture.py         rows to the picture: totals only, no person and no badge in it
    hub.py             one picture for all who watch: a snapshot first, then what changed
    http.py            /v1/live, /v1/snapshot
    dashboard.py       / and the files of page/

Dilemma: the picture is as true as its sources are near. A number is shown as long as it may be right; when a source has
not been heard of, the page says since when, rather than hide what was last known.
"""
