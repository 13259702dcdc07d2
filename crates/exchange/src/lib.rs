//! In which form do records come and go?
