// Ends the program where a mapped file is cut by somebody while it is read (SIGBUS), with the exit code for "could not
// decide": what was read until then is worth no verdict.
#ifndef CPPICKLE_CLI_CUT_FILE_H_
#define CPPICKLE_CLI_CUT_FILE_H_

namespace cppickle::cli {

void end_where_a_file_is_cut();

}  // namespace cppickle::cli

#endif  // CPPICKLE_CLI_CUT_FILE_H_
