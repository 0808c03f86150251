// cppickle completion: a script for the shell.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "cli/command.h"

namespace cppickle::cli {
namespace {

// Every option of a sub-command, as typed.
std::string options_of(const CLI::App& command) {
  std::string words;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) words += " --" + name;
  }
  return words;
}

std::string bash_script(const CLI::App& app) {
  std::string commands;
  std::string cases;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    commands += " " + command->get_name();
    cases += "    " + command->get_name() + ") words='" + options_of(*command) + "' ;;\n";
  }
  return "_cppickle() {\n"
         "  local word=${COMP_WORDS[COMP_CWORD]} words=''\n"
         "  case ${COMP_WORDS[1]} in\n" + cases + "  esac\n"
         "  [ \"$COMP_CWORD\" -gt 1 ] || words='" + commands + "'\n"
         "  case $word in\n"
         "    -*) mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\") ;;\n"
         "    *) [ \"$COMP_CWORD\" -gt 1 ] && words=''\n"
         "       mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\"; [ \"$COMP_CWORD\" -gt 1 ] && compgen -f -- \"$word\") ;;\n"
         "  esac\n"
         "}\n"
         "complete -o filenames -F _cppickle cppickle\n";
}

std::string fish_script(const CLI::App& app) {
  std::string script;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    const std::string name = command->get_name();
    script += "complete -c cppickle -n __fish_use_subcommand -a " + name + " -d '" + command->get_description() + "'\n";
    for (const CLI::Option* option : command->get_options()) {
      for (const std::string& long_name : option->get_lnames()) {
        script += "complete -c cppickle -n '__fish_seen_subcommand_from " + name + "' -l " + long_name + "\n";
      }
    }
  }
  return script;
}

}  // namespace

void declare_completion(CLI::App& app, Run& run) {
  const auto shell = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("completion", "print a completion script: source <(cppickle completion bash)");
  command->add_option("shell", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}))
      ->option_text("SHELL");
  command->callback([shell, &app, &run] {
    run = [shell, &app] {
      std::string script = *shell == "fish" ? fish_script(app) : bash_script(app);
      if (*shell == "zsh") script = "autoload -U +X bashcompinit && bashcompinit\n" + script;
      std::fputs(script.c_str(), stdout);
      return static_cast<int>(kGood);
    };
  });
}

}  // namespace cppickle::cli
