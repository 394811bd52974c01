// What the program's second part offers; without a C++ type, as the parts are compiled with different flags.
#ifndef SECOND_UNIT_HPP
#define SECOND_UNIT_HPP

// Logs in, uploads, and throws inside of a callback; 0 if the exception arrived.
int upload_and_catch(const char *port, const char *user, const char *password);

#endif
