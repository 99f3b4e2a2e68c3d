// Starts the explorer. The token and everything typed stay in this page's memory: a shared office computer must not
// keep a citizen number in its browser storage.
(function () {
  'use strict';

  const field = document.getElementById('token');
  const who = document.getElementById('who');
  const root = ReactDOM.createRoot(document.getElementById('graph'));

  const kept = new Map();
  const storage = {
    getItem: (key) => (kept.has(key) ? kept.get(key) : null),
    setItem: (key, value) => { kept.set(key, String(value)); },
    removeItem: (key) => { kept.delete(key); },
    clear: () => { kept.clear(); },
    get length() { return kept.size; },
  };

  const first = [
    '# 先在上方粘贴令牌 Paste a token above first:',
    '#   yihu token --department CIVIL --region 150921 --role CLERK',
    '{',
    '  viewer {',
    '    department',
    '  }',
    '}',
    '',
  ].join('\n');

  async function ask(parameters, options) {
    const headers = Object.assign({
      'Content-Type': 'application/json',
      'Accept': 'application/graphql-response+json, application/json;q=0.9',
    }, (options && options.headers) || {});
    const token = field.value.trim();
    if (token) headers.Authorization = 'Bearer ' + token;
    const answer = await fetch('/graphql', {
      method: 'POST', headers, body: JSON.stringify(parameters), credentials: 'omit', cache: 'no-store',
    });
    const body = await answer.json();
    who.textContent = answer.status === 401 ? '401' : '';
    return body;
  }

  function show(key) {
    root.render(React.createElement(GraphiQL, {
      key, fetcher: ask, storage, defaultQuery: first, shouldPersistHeaders: false,
      defaultEditorToolsVisibility: 'variables',
    }));
  }

  // A new token may read another schema, so the explorer starts anew with what was typed.
  let starts = 0;
  field.addEventListener('change', () => show(String(++starts)));
  document.getElementById('sign-in').addEventListener('submit', (event) => {
    event.preventDefault();
    field.blur();
  });
  show(String(starts));
})();
