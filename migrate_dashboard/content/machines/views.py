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


"""Views of the machines of a source."""

from django.urls import reverse
from django.utils import http
from django.utils.translation import gettext_lazy as _
from horizon import exceptions
from horizon import views
from openstack_dashboard import policy

from migrate_dashboard import api

#: How many machines a page shows.
PAGE = 50
#: An assessment of more machines is not read for the column of concerns.
MOST_ASSESSED = 1000
CHOICES = {
    'power_state': (
        ('on', _('On')),
        ('off', _('Off')),
        ('suspended', _('Suspended')),
    ),
    'guest_family': (
        ('linux', _('Linux')),
        ('windows', _('Windows')),
        ('other', _('Other')),
    ),
}
MAY_ASSESS = (('migration', 'migrate:assessments:create'),)
FILTERS = ('name', *CHOICES)


class IndexView(views.HorizonTemplateView):
    template_name = 'migrate/machines/index.html'
    page_title = _('Machines')

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        try:
            context.update(page(self.request))
        except exceptions.HorizonException:
            exceptions.handle(self.request)
        context['may_migrate'] = policy.check(MAY_ASSESS, self.request)
        return context


def page(request):
    """Return the context of one page of the machines of one source."""
    sources = api.call(request, 'sources', sort_key='name')
    known = {one.id: one for one in sources}
    source = known.get(request.GET.get('source')) or (sources or [None])[0]
    context = {'asked': True, 'sources': sources, 'source': source}
    if source is None:
        return context
    chosen = {
        name: value
        for name in FILTERS
        if (value := request.GET.get(name, '').strip())
    }
    descending = request.GET.get('dir') == 'desc'
    trail = [one for one in request.GET.get('trail', '').split(',') if one]
    query = dict(chosen)
    if trail:
        query['marker'] = trail[-1]
    machines = api.call(
        request,
        'machines',
        source.id,
        limit=PAGE + 1,
        paginated=False,
        sort_key='name',
        sort_dir='desc' if descending else 'asc',
        **query,
    )
    shown = machines[:PAGE]
    found = concerns(request, source)
    kept = chosen | {'source': source.id}
    if descending:
        kept['dir'] = 'desc'
    return context | {
        'machines': [(one, found.get(one.id)) for one in shown],
        'assessed': bool(found),
        'chosen': chosen,
        'choices': [
            (name, label, CHOICES[name], chosen.get(name))
            for name, label in (
                ('power_state', _('Power')),
                ('guest_family', _('Guest')),
            )
        ],
        'descending': descending,
        'turned': _link({**kept, 'dir': 'asc' if descending else 'desc'}),
        'next': len(machines) > PAGE
        and _link({**kept, 'trail': ','.join([*trail, shown[-1].id])}),
        'previous': trail and _link({**kept, 'trail': ','.join(trail[:-1])}),
        'number': len(trail) + 1,
    }


def _link(query):
    return f'{reverse("horizon:migrate:machines:index")}?' + http.urlencode(
        {name: value for name, value in query.items() if value}
    )


def concerns(request, source):
    """Return ``{machine id: AssessedMachine}`` of the last assessment."""
    last = api.call(
        request,
        'assessments',
        source_id=source.id,
        status='completed',
        sort_key='created_at',
        sort_dir='desc',
        limit=1,
        paginated=False,
    )
    if not last or last[0].machine_count > MOST_ASSESSED:
        return {}
    found = api.call(request, 'assessed_machines', last[0].id)
    return {one.machine_id: one for one in found}


class DetailView(views.HorizonTemplateView):
    template_name = 'migrate/machines/detail.html'
    page_title = '{{ machine.name }}'

    def get_context_data(self, source_id, machine_id, **kwargs):
        context = super().get_context_data(**kwargs)
        index = reverse('horizon:migrate:machines:index')
        try:
            context['machine'] = api.call(
                self.request, 'get_machine', machine_id, source_id
            )
        except exceptions.HorizonException:
            exceptions.handle(self.request, redirect=index)
        context['source_id'] = source_id
        context['may_migrate'] = policy.check(MAY_ASSESS, self.request)
        context['url'] = index
        return context
