"""Notifications: who must know.

Owns       notices: which message is for whom, because of which event, and what became of it.
Publishes  NoticeSent, NoticeFailed.
Consumes   accreditation, access and operations; audiences.py says who hears of what. Addresses are accreditation's:
           they are asked for when a message is sent, and kept nowhere here. Those on duty stand in a file (duty.py).

    stream          decider            states
    notice-<id>     domain/notice.py   queued -> attempt under way -> sent | failed
                                       attempt under way -> queued (put off, tried again later)

Once       A notice's id is made of event, recipient and channel: however often an event arrives, and if a reader starts
           again from nothing, there is one notice and one message.

The honest exception: SMTP cannot make a message arrive exactly once. If the dialogue breaks after the message was
handed over and before the server answered, or this process is killed there, nobody knows whether the server has it.
The attempt is on record before the dialogue, so the next one knows: the message goes out again, with the same
Message-ID and a header ``Placet-Possible-Repeat: yes``. Mail programs show a known Message-ID once, most of them.

Dilemma: a server that is down burns no attempts, so notices wait for it as long as it takes, and may arrive late. Late
news of an accreditation is better than none; those on duty are told first, and each message says when it happened.

Dilemma: of incidents those on duty are sent few: the gravest, and those that nobody takes on in time. A message for
each would be one that nobody reads. Operations counts our notices, and we tell of its incidents: neither waits for the
other, as both only follow what was published.

Dilemma: of duress and the watchlist only the operations room hears, and the commander if nobody takes them on; nobody
sees that they did: those notices are not published, so the dashboard counts them neither as sent nor as failed. They
stand in GET /v1/notices.

Dilemma: who is on duty is read when an event arrives. A duty that is added to the file hears of what came before only
if a reader starts again.

Dilemma: a mailbox is ASCII before the @. Others fail as ``address_unusable``, so that somebody calls instead: relays
that take them are still rare, and a bounce would reach nobody.
"""
