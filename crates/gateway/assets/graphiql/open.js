// Opens GraphiQL on this server's own endpoint. The first query is the one question that this registry
// answers; it stands in the page, so that this file holds no data.
(() => {
  const root = document.getElementById('graphiql');
  const first = document.getElementById('first-query').textContent.trim() + '\n';
  const fetcher = async ({ query, variables, operationName }, { headers } = {}) => {
    const response = await fetch('/graphql', {
      method: 'POST',
      headers: { accept: 'application/graphql-response+json, application/json;q=0.9', 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query, variables, operationName }),
    });
    return response.json();
  };
  const asked = new URLSearchParams(location.search);
  ReactDOM.createRoot(root).render(
    React.createElement(GraphiQL, {
      fetcher,
      defaultQuery: first,
      query: asked.get('query') ?? undefined,
      variables: asked.get('variables') ?? undefined,
      defaultEditorToolsVisibility: true,
      shouldPersistHeaders: false,
    }),
  );
})();
