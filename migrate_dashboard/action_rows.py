# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.


"""Actions as a table offers them: for one row, or for what is selected."""

from django.urls import reverse
from django.utils.translation import ngettext_lazy
from horizon import tables

from migrate_dashboard import api


def of_row(action, url):
    """Return the row action that opens the dialog of ``action``.

    :param url: the name of the dialog's URL, which takes the id and the
        name of the action.
    """

    def allowed(self, request, datum=None):
        return datum is not None and action.allowed(datum)

    def get_link_url(self, datum):
        return reverse(url, args=(datum.id, action.name))

    members = {
        'name': f'open_{action.name}',
        'verbose_name': action.verb,
        'classes': ('ajax-modal',),
        'policy_rules': action.policy,
        'action_type': 'danger' if action.danger else 'default',
        'allowed': allowed,
        'get_link_url': get_link_url,
    }
    return type(f'Open{action.name.title()}', (tables.LinkAction,), members)


def of_selection(action):
    """Return the action on what is selected; Horizon asks to confirm it."""

    def allowed(self, request, datum=None):
        return datum is None or action.allowed(datum)

    def act(self, request, datum_id):
        api.call(request, action.method, datum_id)

    def present(count):
        return ngettext_lazy(*action.verbs, count)

    members = {
        'name': action.name,
        'icon': action.icon,
        'help_text': action.consequence,
        'policy_rules': action.policy,
        'action_type': 'danger' if action.danger else 'default',
        'action_present': staticmethod(present),
        'action_past': staticmethod(action.past),
        'allowed': allowed,
        'action': act,
    }
    return type(f'Bulk{action.name.title()}', (tables.BatchAction,), members)


class LiveRow(tables.Row):
    """A row whose name tells the script of polls what it shows."""

    def load_cells(self, datum=None):
        super().load_cells(datum)
        self.attrs['data-live-row'] = self.datum.id
