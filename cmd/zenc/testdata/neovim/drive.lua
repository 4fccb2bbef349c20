-- Drives Neovim's own client as a person would, and prints what there is to see.
local function fail(text)
  io.stdout:write("FAILED: " .. text .. "\n")
  os.exit(1)
end

local function wait(what, condition)
  if not vim.wait(20000, condition, 20) then
    fail("waited for " .. what)
  end
end

local function line_of(text)
  for i, line in ipairs(vim.api.nvim_buf_get_lines(0, 0, -1, false)) do
    local column = line:find(text, 1, true)
    if column then
      return i, column - 1
    end
  end
  fail("no " .. text)
end

-- puts the cursor behind a text
local function go(text)
  local line, column = line_of(text)
  vim.api.nvim_win_set_cursor(0, { line, column + #text })
end

local function request(method, extra)
  local client = vim.lsp.get_clients({ name = "zenc" })[1]
  local params = vim.tbl_extend("force", vim.lsp.util.make_position_params(0, client.offset_encoding), extra or {})
  local answer = client:request_sync(method, params, 20000, 0)
  if not answer or answer.err then
    fail(method .. ": " .. vim.inspect(answer))
  end
  return answer.result, client
end

local function say(...)
  io.stdout:write(table.concat({ ... }, " ") .. "\n")
end

local function drive()
  wait("the server", function()
    return #vim.lsp.get_clients({ name = "zenc", bufnr = 0 }) == 1
  end)

  wait("findings", function()
    return #vim.diagnostic.get(0) > 0
  end)
  for _, d in ipairs(vim.diagnostic.get(0)) do
    say("finding", d.lnum + 1 .. ":" .. d.col + 1, d.code, vim.split(d.message, "\n")[1])
  end

  go("timeo")
  local actions, client = request("textDocument/codeAction", { range = { start = { line = 6, character = 0 }, ["end"] = { line = 6, character = 20 } }, context = { diagnostics = {} } })
  say("fix", actions[1].title)
  vim.lsp.util.apply_workspace_edit(actions[1].edit, client.offset_encoding)
  wait("no findings", function()
    return #vim.diagnostic.get(0) == 0
  end)

  go("steps.load.cou")
  say("hover", vim.split(request("textDocument/hover").contents.value, "\n")[2])

  -- what Neovim sends of this is a change behind an emoji, counted in UTF-16
  local line, column = line_of("params.region }}\", count")
  vim.api.nvim_buf_set_text(0, line - 1, column + #"params.re", line - 1, column + #"params.region", {})
  go("😀 ${{ params.re")
  local items = request("textDocument/completion").items
  say("complete", items[1].label, items[1].detail)
  vim.lsp.util.apply_text_edits({ items[1].textEdit }, vim.api.nvim_get_current_buf(), client.offset_encoding)
  say("line", vim.trim(vim.api.nvim_buf_get_lines(0, line - 1, line, false)[1]))

  go("steps:lo")
  local definition = request("textDocument/definition")
  say("definition", vim.fs.basename(vim.uri_to_fname(definition.uri)), definition.range.start.line + 1)

  go("  load")
  vim.lsp.util.apply_workspace_edit(request("textDocument/rename", { newName = "read" }), client.offset_encoding)
  say("renamed", select(2, table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\n"):gsub("read", "")))

  local names = {}
  for _, symbol in ipairs(request("textDocument/documentSymbol", { textDocument = vim.lsp.util.make_text_document_params() })) do
    for _, child in ipairs(symbol.children) do
      table.insert(names, symbol.name .. "/" .. child.name)
    end
  end
  say("symbols", table.concat(names, " "))

  client:stop()
  wait("the end", function()
    return client:is_stopped()
  end)
  say("stopped")
end

local ok, err = xpcall(drive, debug.traceback)
if not ok then
  fail(err)
end
vim.cmd("qa!")
