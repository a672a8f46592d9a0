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


"""The overview: what runs, what needs a person, what happened last."""

import collections

from django.utils.translation import gettext_lazy as _
from horizon import exceptions
from horizon import views
from openstack_dashboard import policy

from migrate_dashboard import api

#: How many of the newest migrations are looked at.
MOST = 500


class IndexView(views.HorizonTemplateView):
    template_name = 'migrate/overview/index.html'
    page_title = _('Overview')

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        try:
            context.update(summary(self.request))
        except exceptions.HorizonException:
            exceptions.handle(self.request)
        context['may_migrate'] = policy.check(
            (('migration', 'migrate:migrations:create'),), self.request
        )
        return context


def summary(request):
    """Return counts, rates and lists of the project's migrations."""
    migrations = api.call(
        request,
        'migrations',
        sort_key='created_at',
        sort_dir='desc',
        limit=MOST,
        paginated=False,
    )
    counts = collections.Counter(one.status for one in migrations)
    progress = [one.progress or {} for one in migrations]
    return {
        'asked': True,
        'sources': api.call(request, 'sources', sort_key='name'),
        'migrations': migrations[:8],
        'total': len(migrations),
        'counts': counts,
        'active': sum(
            counts[name]
            for name in ('accepted', 'running', 'rolling_back', 'cancelling')
        ),
        'bytes': sum(one.get('bytes_copied') or 0 for one in progress),
        'rate': sum(
            one.progress.get('rate') or 0
            for one in migrations
            if one.progress and one.status == 'running'
        ),
        'needs': needs(migrations),
        'limits': [
            one
            for one in api.call(request, 'limits')
            if one.limit is not None or one.used
        ],
        'windows': sorted(
            (
                one
                for one in migrations
                if one.cutover_at and one.step == 'await_cutover'
            ),
            key=lambda one: one.cutover_at,
        )[:8],
    }


def needs(migrations):
    """Return ``{'cutover', 'acceptance', 'error'}``: those who wait."""
    return {
        'cutover': [
            one
            for one in migrations
            if one.status == 'waiting'
            and one.step == 'await_cutover'
            and not one.cutover_at
        ],
        'acceptance': [
            one
            for one in migrations
            if one.status == 'waiting' and one.step == 'await_acceptance'
        ],
        'error': [one for one in migrations if one.status == 'error'],
    }
