/* SPDX-License-Identifier: GPL-2.0 */
/* The character device: checks what a user asks, and passes it on. */
#ifndef FR_DEVICE_H
#define FR_DEVICE_H

int fr_device_init(void);
void fr_device_deinit(void);

#endif /* FR_DEVICE_H */
