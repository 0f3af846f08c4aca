from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import html2plaintext, plaintext2html

from ...tools.calendars import CalendarBook
from ..case.complaint_case_customer import REASON_LENGTH
from ..constants import OUTCOMES_WITHOUT_ANSWER


class ComplaintCase(models.Model):
    """The customer asks for a review (D4): by themselves, or staff do it for them."""

    _inherit = "complaint.case"

    def _review_obstacle(self, at=None):
        """Why no review can be asked for, in words for the customer, or nothing.

        :param datetime at: when the customer asked, naive UTC; now by default
        """
        self.ensure_one()
        # sudo: the company's setting only.
        days = self.company_id.sudo().complaint_review_days
        reviews = self._review_rows()
        if reviews.state == "underway":
            return self.env._("Your complaint is being reviewed already.")
        if reviews:
            return self.env._(
                "Your complaint was reviewed, and it is reviewed once only. The letter "
                "with our decision says where you can turn to."
            )
        if not self._review_answer() or self.customer_verdict == "accepted" or not days:
            return self.env._(
                "There is no answer that could be reviewed. Please reload the page."
            )
        at = at or fields.Datetime.now()
        if self._letter_day_end(self.answered_at, days) <= at:
            return self.env._(
                "A review could be asked for until %(day)s. You can still write to us.",
                day=self._letter_review_until(),
            )
        return ""

    def _review_answer(self):
        """The answer of the present round as it was given; empty without one."""
        is_over = self.phase == "closed" and self.outcome in OUTCOMES_WITHOUT_ANSWER
        if self.phase not in ("answered", "closed") or not self.answered_at or is_over:
            return self.env["complaint.answer"]
        # sudo: what was answered is looked up for the customer.
        return self.sudo().answer_ids.filtered(lambda row: row.round == self.round)

    def _customer_ask_review(self, reason, author=None):
        """The customer asks on the page of the complaint.

        :param str reason: plain text, in the customer's words
        :param author: as in :meth:`_customer_accept`
        :return: the review
        :raise UserError: without a reason, or when none can be asked for
        """
        author = self.env.user.partner_id if author is None else author
        return self._ask_review(reason, "portal", author)

    def _ask_review(self, reason, channel, author, at=None, message=None):
        """Open the review that the customer asks for.

        :param str channel: how it was asked for, see complaint.review
        :param datetime at: when, naive UTC; now by default. Its own limit counts from
            then.
        :param message: the customer's message, when staff record what it says
        :return: the review
        :raise UserError: see :meth:`_customer_ask_review`
        """
        self.ensure_one()
        asked_at = self._reaction_moment(at)
        reason = (reason or "").strip()[:REASON_LENGTH]
        if not reason:
            raise UserError(
                self.env._("Please tell us what we should look at again, and why.")
            )
        # Two requests at once make one review.
        if not self.try_lock_for_update(allow_referencing=True):
            raise UserError(
                self.env._("Somebody is at work on this. Please reload the page.")
            )
        self.env["complaint.review"].flush_model(["state"])
        self.invalidate_recordset(["review_ids"])
        obstacle = self._review_obstacle(asked_at)
        if obstacle:
            raise UserError(obstacle)
        plan = self._review_plan(asked_at)
        # sudo: reviews are opened by the case only, by nobody's hand.
        review = (
            self.env["complaint.review"]
            .sudo()
            .create(
                {
                    "case_id": self.id,
                    "answer_id": self._review_answer().id,
                    "asked_at": asked_at,
                    "asked_by_id": author.id,
                    "channel": channel,
                    "reason": reason,
                    **plan,
                    "next_event_at": plan["deadline"],
                }
            )
        )
        self._review_opened(review, author, message)
        return review

    def _review_opened(self, review, author, message=None):
        """Tell everybody, stop the silence, find the reviewer."""
        # sudo: a customer's request changes the case.
        case = self.sudo()
        by_customer = review.channel == "portal" and not message
        case._message_log(
            body=case._reason_body(
                case.env._("The customer asks for a review"),
                case._message_link(message)
                if message
                else plaintext2html(review.reason),
            ),
            **(case._customer_as_author(author) if by_customer else {}),
        )
        case.next_event_at = False
        case._end_reaction_to_do()
        review._assign()

    def _review_plan(self, start):
        """Until when the review is decided: working days of the team's calendar.

        :param start: naive UTC
        """
        # sudo: calendars are closed to customers, settings to handlers.
        case = self.sudo()
        deadline, problem = case._plan_work_days(
            case.company_id.complaint_review_limit_days, start, CalendarBook(case.env)
        )
        return {"deadline": deadline, "deadline_problem": problem}

    # Staff ---------------------------------------------------------------------------

    def _reason_operations(self):
        return {**super()._reason_operations(), "review": self._record_review}

    def _record_review(self, reason):
        """A request that came by mail, letter or telephone (D4)."""
        for case in self:
            case._ask_review(html2plaintext(reason), "staff", case.partner_id)

    # The page of the complaint -----------------------------------------------------

    def _portal_options(self):
        options = super()._portal_options()
        return options if self._review_obstacle() else [*options, "review"]

    def _portal_page(self, links=True, is_complainant=False):
        page = super()._portal_page(links, is_complainant)
        return page | {
            "review": self._portal_review(),
            "review_until": self._letter_review_until(),
            "awaits_customer": page["awaits_customer"] and not self._is_under_review(),
        }

    def _portal_open_words(self):
        if not self._is_under_review():
            return super()._portal_open_words()
        text = self.env._("You asked for a review. Somebody looks at everything again.")
        return self.env._("Under review"), text, "info"

    def _portal_closed_words(self):
        if not self._is_under_review():
            return super()._portal_closed_words()
        label, text, _tone = self._portal_open_words()
        return label, text

    def _portal_events(self):
        # Before what follows from it in the same moment.
        review = self._review_rows()
        events = [
            (review.asked_at, self.env._("You asked for a review.")),
            (review.decided_at, self.env._("The review was decided.")),
        ]
        return [event for event in events if event[0]] + super()._portal_events()

    def _portal_review(self):
        """The review as the customer is told of it, in plain values."""
        review = self._review_rows()
        if not review:
            return {}
        labels = {
            "confirm": self.env._("Our answer stands."),
            "amend": self.env._("We change our answer in part and write to you again."),
            "overturn": self.env._("We take our answer back and answer you anew."),
        }
        is_decided = review.state == "decided"
        return {
            "asked": self._portal_when(review.asked_at),
            "reason": review.reason,
            "by": review.user_id.name or "",
            "until": self._portal_day(review.deadline),
            "is_decided": is_decided,
            "decided": self._portal_when(review.decided_at) if is_decided else "",
            "verdict": labels[review.verdict] if is_decided else "",
            "decision": review.decision if is_decided else "",
            "external": self.company_id.complaint_external_body or "",
        }
